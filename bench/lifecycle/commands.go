package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"mlflow-server/bench/database"
	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/subject"
)

// Commands are this package's measurements for bench's command line. They take long, so that "all" leaves them out.
func Commands(stdout io.Writer) []*cli.Command {
	var workers, minutes, rate, times int
	var store string
	flags := []cli.Flag{
		&cli.IntFlag{Name: "workers", Value: 2, Destination: &workers},
		&cli.StringFlag{Name: "database", Value: "postgresql", Destination: &store, Usage: "postgresql or sqlite"},
	}
	with := func(more ...cli.Flag) []cli.Flag { return append(more, flags...) }
	run := func(do func(context.Context, *subject.Server) error) cli.ActionFunc {
		return func(c *cli.Context) error { return onServer(c.Context, store, workers, do) }
	}
	return []*cli.Command{
		{
			Name: "soak", Usage: "memory over a long time under even load",
			Flags: with(
				&cli.IntFlag{Name: "minutes", Value: 30, Destination: &minutes},
				&cli.IntFlag{Name: "rate", Value: 20, Destination: &rate, Usage: "requests per second"},
			),
			Action: run(func(ctx context.Context, s *subject.Server) error {
				return Soak(ctx, s, time.Duration(minutes)*time.Minute, rate, stdout)
			}),
		},
		{
			Name: "kills", Usage: "time until it is back after kill -9 of one worker and of all of MLflow",
			Flags: with(&cli.IntFlag{Name: "times", Value: 100, Destination: &times}),
			Action: run(func(ctx context.Context, s *subject.Server) error {
				return Kills(ctx, s, times, stdout)
			}),
		},
		{
			Name: "losses", Usage: "writes while processes are killed at random, and a look at what is there afterwards",
			Flags: with(&cli.IntFlag{Name: "times", Value: 100, Destination: &times}),
			Action: run(func(ctx context.Context, s *subject.Server) error {
				report, err := Losses(ctx, s.Load, s.PID(), times)
				fmt.Fprintln(stdout, report)
				return err
			}),
		},
	}
}

// onServer starts the product on a database of its own and stops it afterwards.
func onServer(ctx context.Context, kind string, workers int, do func(context.Context, *subject.Server) error) (err error) {
	dir, err := os.MkdirTemp("", "mlflow-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // PostgreSQL, which does not run as root, passes through
		return err
	}
	store := database.SQLite(dir)
	if kind == "postgresql" {
		if store, err = database.Postgres(ctx, dir); err != nil {
			return err
		}
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	product, err := subject.Build(ctx, dir)
	if err != nil {
		return err
	}
	uri, err := store.New(ctx)
	if err != nil {
		return err
	}
	own := dir + "/own"
	if err := os.Mkdir(own, 0o700); err != nil {
		return err
	}
	server, err := product.Start(subject.Options{Dir: own, Database: uri, Workers: workers})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	if _, err := server.Ready(ctx); err != nil {
		return err
	}
	return do(ctx, server)
}

// memory is what the tree of processes takes, in MB.
func memory(s *subject.Server) (float64, error) {
	tree, err := process.Tree(s.PID())
	if err != nil {
		return 0, err
	}
	bytes, err := process.PSS(tree)
	return float64(bytes) / (1 << 20), err
}

func post(path, format string, values ...any) load.Request {
	return load.Request{Method: "POST", Path: "/api/2.0/mlflow/" + path, Body: fmt.Sprintf(format, values...)}
}

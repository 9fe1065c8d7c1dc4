package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"mlflow-server/bench/database"
	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

// Commands are this package's measurements for bench's command line. They take long, so that "all" leaves them out. They have
// shared flags beside their own, and save takes what comes out.
func Commands(shared []cli.Flag, stdout io.Writer, save func(context.Context, result.Result) error) []*cli.Command {
	var workers, minutes, rate, times int
	flags := append([]cli.Flag{&cli.IntFlag{Name: "workers", Value: 2, Destination: &workers}}, shared...)
	with := func(more ...cli.Flag) []cli.Flag { return append(more, flags...) }
	run := func(name, title string, do func(context.Context, *subject.Server, *result.Result) error) cli.ActionFunc {
		return func(c *cli.Context) error {
			r, err := measure(c.Context, c.String("database"), workers, name, title, do)
			if err != nil {
				return err
			}
			return save(c.Context, r)
		}
	}
	return []*cli.Command{
		{
			Name: SoakName, Usage: "memory over a long time under even load; not part of all",
			Flags: with(
				&cli.IntFlag{Name: "minutes", Value: 30, Destination: &minutes},
				&cli.IntFlag{Name: "rate", Value: 20, Destination: &rate, Usage: "requests per second"},
			),
			Action: run(SoakName, "Memory over time", func(ctx context.Context, s *subject.Server, r *result.Result) error {
				soaked, err := Soak(ctx, s, time.Duration(minutes)*time.Minute, rate, stdout)
				soaked.add(r)
				return err
			}),
		},
		{
			Name: KillsName, Usage: "time until it is back after kill -9 of one worker and of all of MLflow; not part of all",
			Flags: with(&cli.IntFlag{Name: "times", Value: 100, Destination: &times}),
			Action: run(KillsName, "Back after a kill", func(ctx context.Context, s *subject.Server, r *result.Result) error {
				killed, err := Kills(ctx, s, times, int(childKills*float64(times)), stdout)
				killed.add(r)
				return err
			}),
		},
		{
			Name: LossesName, Usage: "writes while processes are killed at random, and a look at what is there afterwards; not part of all",
			Flags: with(&cli.IntFlag{Name: "times", Value: 100, Destination: &times}),
			Action: run(LossesName, "Nothing acknowledged is lost", func(ctx context.Context, s *subject.Server, r *result.Result) error {
				report, err := Losses(ctx, s.Load, s.PID(), times)
				fmt.Fprintln(stdout, report)
				report.add(r)
				return err
			}),
		},
	}
}

// measure starts the product on a database of its own, does something with it and stops it.
func measure(ctx context.Context, kind string, workers int, name, title string,
	do func(context.Context, *subject.Server, *result.Result) error) (r result.Result, err error) {
	dir, err := os.MkdirTemp("", "mlflow-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // PostgreSQL, which does not run as root, passes through
		return r, err
	}
	store, err := open(ctx, kind, dir)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	product, err := subject.Build(ctx, dir)
	if err != nil {
		return r, err
	}
	uri, err := store.New(ctx)
	if err != nil {
		return r, err
	}
	own := filepath.Join(dir, "own")
	if err := os.Mkdir(own, 0o700); err != nil {
		return r, err
	}
	r = newResult(name, title, store.Name(), workers)
	began := time.Now()
	server, err := product.Start(subject.Options{Dir: own, Database: uri, Workers: workers})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	if _, err := server.Ready(ctx); err != nil {
		return r, err
	}
	err = do(ctx, server, &r)
	r.Seconds = time.Since(began).Seconds()
	return r, err
}

func open(ctx context.Context, kind, dir string) (database.Store, error) {
	switch kind {
	case "postgresql":
		return database.Postgres(ctx, dir)
	case "sqlite":
		return database.SQLite(dir), nil
	default:
		return nil, fmt.Errorf("there is no database %q: postgresql or sqlite", kind)
	}
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

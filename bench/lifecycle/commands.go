package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mlflow-server/bench/database"
	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

// Scale is how long and how often.
type Scale struct {
	// Length is that of a soak, Rate its requests in a second.
	Length time.Duration
	Rate   int
	// Workers is how often one worker is killed, All how often all of MLflow is, Random how often what is killed is left to chance.
	Workers, All, Random int
}

// Smoke shows that everything runs.
var Smoke = Scale{Length: 3 * time.Second, Rate: 10, Workers: 2, All: 2, Random: 2}

// Commands are this package's measurements for bench's command line. They take long, so that "all" leaves them out. They have
// shared flags beside their own, and save takes what comes out.
func Commands(shared []cli.Flag, stdout io.Writer, save func(context.Context, result.Result) error) []*cli.Command {
	var workers, minutes, rate, times, all int
	flags := []cli.Flag{&cli.IntFlag{Name: "workers", Value: 2, Destination: &workers}}
	for _, f := range shared {
		if slices.Contains([]string{"database", "smoke", "results", "document", "readme"}, f.Names()[0]) { // the others mean nothing here
			flags = append(flags, f)
		}
	}
	command := func(name, usage string, m measurement, own ...cli.Flag) *cli.Command {
		return &cli.Command{Name: name, Usage: usage + "; not part of all", Flags: append(own, flags...), Action: func(c *cli.Context) error {
			scale := Scale{Length: time.Duration(minutes) * time.Minute, Rate: rate, Workers: times, All: all, Random: times}
			if c.Bool("smoke") {
				scale = Smoke
			}
			r, err := measure(c.Context, c.String("database"), workers, scale, name, m.title, stdout, m.do)
			if err != nil {
				return err
			}
			return save(c.Context, r)
		}}
	}
	timesFlag := &cli.IntFlag{Name: "times", Value: 100, Destination: &times}
	return []*cli.Command{
		command(SoakName, "memory over a long time under even load", soak,
			&cli.IntFlag{Name: "minutes", Value: 30, Destination: &minutes},
			&cli.IntFlag{Name: "rate", Value: 20, Destination: &rate, Usage: "requests per second"}),
		command(KillsName, "time until it is back after kill -9 of one worker and of all of MLflow", kills, timesFlag,
			&cli.IntFlag{Name: "all-times", Value: 100, Destination: &all, Usage: "how often all of MLflow is killed; 100 take seven minutes"}),
		command(LossesName, "writes while processes are killed at random, and a look at what is there afterwards", losses, timesFlag),
	}
}

// doer does something with a server, prints how it goes, and puts what comes out into a result. more starts another server
// beside it, which is stopped afterwards.
type doer func(ctx context.Context, s *subject.Server, more func() (*subject.Server, error), scale Scale, r *result.Result, out io.Writer) error

type measurement struct {
	title string
	do    doer
}

var (
	soak = measurement{"Memory over time", func(ctx context.Context, s *subject.Server, _ func() (*subject.Server, error), scale Scale, r *result.Result, out io.Writer) error {
		soaked, err := Soak(ctx, s, scale.Length, scale.Rate, out)
		if err == nil {
			soaked.add(r)
		}
		return err
	}}
	kills = measurement{"Back after a kill", func(ctx context.Context, s *subject.Server, more func() (*subject.Server, error), scale Scale, r *result.Result, out io.Writer) error {
		killed, err := Kills(ctx, s, more, scale.Workers, scale.All, out)
		if err == nil {
			killed.add(r)
		}
		return err
	}}
	losses = measurement{"Nothing acknowledged is lost", func(ctx context.Context, s *subject.Server, _ func() (*subject.Server, error), scale Scale, r *result.Result, out io.Writer) error {
		report, err := Losses(ctx, s.Load, s.PID(), scale.Random, nil)
		fmt.Fprintln(out, report)
		if err == nil {
			report.add(r)
		}
		return err
	}}
)

// measure starts the product on a database of its own, does something with it and stops it.
func measure(ctx context.Context, kind string, workers int, scale Scale, name, title string, out io.Writer, do doer) (r result.Result, err error) {
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
	r = newResult(name, title, store.Name(), workers)
	began := time.Now()
	var started []*subject.Server
	defer func() {
		for _, s := range started {
			err = errors.Join(err, s.Stop())
		}
	}()
	start := func() (*subject.Server, error) {
		uri, err := store.New(ctx)
		if err != nil {
			return nil, err
		}
		own := filepath.Join(dir, strconv.Itoa(len(started)))
		if err := os.Mkdir(own, 0o700); err != nil {
			return nil, err
		}
		server, err := product.Start(subject.Options{Dir: own, Database: uri, Workers: workers})
		if err != nil {
			return nil, err
		}
		started = append(started, server)
		_, err = server.Ready(ctx)
		return server, err
	}
	server, err := start()
	if err != nil {
		return r, err
	}
	if err = do(ctx, server, start, scale, &r, out); err != nil {
		err = fmt.Errorf("%w; what its log says beside requests:\n%s", err, events(server.Tail(50_000)))
	}
	r.Seconds = time.Since(began).Seconds()
	return r, err
}

// events leaves lines about requests out of a log.
func events(log string) string {
	lines := slices.DeleteFunc(strings.Split(log, "\n"), func(line string) bool {
		return strings.Contains(line, " msg=request ") || strings.Contains(line, " msg=artifact ")
	})
	return strings.Join(lines[max(0, len(lines)-100):], "\n")
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

package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
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

// options are what servers are started with.
type options struct {
	database string
	workers  int
	peers    bool
}

// Commands are this package's measurements for bench's command line. They take long, so that "all" leaves them out. They have
// shared flags beside their own, and save takes what comes out.
func Commands(shared []cli.Flag, stdout io.Writer, save func(context.Context, result.Result) error) []*cli.Command {
	var workers, minutes, rate, times, all int
	flags := []cli.Flag{&cli.IntFlag{Name: "workers", Value: 2, Destination: &workers}}
	for _, f := range shared {
		if slices.Contains([]string{"database", "peers", "smoke", "results", "document", "readme"}, f.Names()[0]) { // the others mean nothing here
			flags = append(flags, f)
		}
	}
	command := func(name, usage string, m measurement, own ...cli.Flag) *cli.Command {
		return &cli.Command{Name: name, Usage: usage + "; not part of all", Flags: append(own, flags...), Action: func(c *cli.Context) error {
			scale := Scale{Length: time.Duration(minutes) * time.Minute, Rate: rate, Workers: times, All: all, Random: times}
			if c.Bool("smoke") {
				scale = Smoke
			}
			o := options{database: c.String("database"), workers: workers, peers: c.Bool("peers")}
			r, err := measure(c.Context, o, scale, name, m.title, stdout, m.do)
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

// doer does something with servers, prints how it goes, and puts what comes out into a result.
type doer func(ctx context.Context, s *servers, scale Scale, r *result.Result, out io.Writer) error

type measurement struct {
	title string
	do    doer
}

var (
	soak   = measurement{"Memory over time", soakAll}
	kills  = measurement{"Back after a kill", killAll}
	losses = measurement{"Nothing acknowledged is lost", loseNothing}
)

// measure does something with servers and stops them.
func measure(ctx context.Context, o options, scale Scale, name, title string, out io.Writer, do doer) (r result.Result, err error) {
	s, err := newServers(ctx, o.database, o.workers, o.peers)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	store, err := s.store(ctx, s.kind)
	if err != nil {
		return r, err
	}
	r = newResult(name, title, store.Name(), s.workers)
	began := time.Now()
	if err = do(ctx, s, scale, &r, out); err != nil {
		err = fmt.Errorf("%w; what the logs say beside requests:\n%s", err, s.tails())
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

func post(path, format string, values ...any) load.Request {
	return load.Request{Method: "POST", Path: "/api/2.0/mlflow/" + path, Body: fmt.Sprintf(format, values...)}
}

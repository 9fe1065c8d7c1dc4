package fasttrack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/peer"
	"mlflow-server/bench/process"
	"mlflow-server/bench/subject"
)

// server is one of those that are measured.
type server struct {
	*subject.Server
	name   string
	client *client
	slow   bool
	double bool // of the one before it
	failed int  // requests without a good answer,
	where  string
	first  error // and the first of them
}

// places of the servers.
const (
	on = iota
	off
	two
	four
)

// start starts all servers on one database, one after the other: the first one makes the schema.
func start(ctx context.Context, dir, database string, mlflow *peer.MLflow, o Scale, say func(string)) (all []*server, err error) {
	product, err := subject.Build(ctx, dir)
	if err != nil {
		return nil, err
	}
	type starter interface {
		Start(subject.Options) (*subject.Server, error)
	}
	for n, s := range []struct {
		name    string
		kind    starter
		workers int
		environ []string
	}{
		{"native on", product, 2, []string{"MLFLOW_NATIVE_TRACKING=true"}},
		{"native off", product, 2, []string{"MLFLOW_NATIVE_TRACKING=false"}},
		{"`mlflow server`, 2 workers", subject.MLflow{MLflow: *mlflow}, 2, o.peerEnviron},
		{"`mlflow server`, 4 workers", subject.MLflow{MLflow: *mlflow}, 4, o.peerEnviron},
	} {
		if o.few && (n == off || n == four) {
			double := *all[n-1]
			double.name, double.double = s.name, true
			all = append(all, &double)
			continue
		}
		say("starting " + s.name)
		own := filepath.Join(dir, strconv.Itoa(n))
		if err := os.Mkdir(own, 0o700); err != nil {
			return all, err
		}
		started, err := s.kind.Start(subject.Options{Dir: own, Database: database, Workers: s.workers, Environ: s.environ})
		if err != nil {
			return all, err
		}
		one := &server{Server: started, name: s.name, slow: n != on}
		all = append(all, one)
		if _, err := started.Ready(ctx); err != nil {
			return all, err
		}
		if one.client, err = prepare(ctx, started.Load, fmt.Sprintf("%s %d", s.name, time.Now().UnixNano())); err != nil {
			return all, err
		}
		if err := process.Hold(started.PID()); err != nil {
			return all, err
		}
	}
	return all, nil
}

func stop(all []*server) error {
	var errs []error
	for _, s := range all {
		if !s.double {
			errs = append(errs, s.Stop())
		}
	}
	return errors.Join(errs...)
}

// alone lets one server run, all others being held, while do runs.
func (s *server) alone(do func() error) (err error) {
	if err := process.Release(s.PID()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, process.Hold(s.PID())) }()
	return do()
}

// measure sends requests of one kind for a while.
func (s *server) measure(ctx context.Context, o Scale, w work, connections int) (got load.Result, err error) {
	window := o.Window
	if s.slow {
		window = o.SlowWindow
	}
	err = s.alone(func() error {
		got, err = load.Run(ctx, s.Load, load.Options{Connections: connections, WarmUp: warmUp, Window: window, Patience: patience},
			func(int) load.Request { return w.request(s.client) })
		return err
	})
	if got.Failed > 0 && s.first == nil {
		s.where, s.first = fmt.Sprintf("%s, %d connections", w.name, connections), got.Failure
	}
	s.failed += got.Failed
	return got, err
}

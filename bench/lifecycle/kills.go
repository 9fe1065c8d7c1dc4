package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"syscall"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

const (
	recoveryLimit = 3 * time.Minute
	// stable is how long MLflow has to be ready for its next start to come without a pause, and longLived how long for its
	// end not to count as one of a crash loop, which ten of in a row are (internal/tracking/lives.go).
	stable, longLived = 11 * time.Second, 61 * time.Second
	// grown is how long a worker has to live for its end not to count as one of a worker that dies at its start, five of
	// which in a row end all of MLflow (internal/tracking/mlflow_serve/forks.py).
	grown = 1100 * time.Millisecond
)

// pace keeps ends of all of MLflow apart, so that they are no crash loop.
type pace int

// rest waits until all of MLflow, which has been ready since some time, may be killed once more.
func (p *pace) rest(ctx context.Context, since time.Time) error {
	pause := stable
	if *p++; *p%8 == 0 {
		pause = longLived
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Until(since.Add(pause))):
		return nil
	}
}

// worker is a worker in /-/status.
type worker struct {
	PID   int  `json:"pid"`
	Ready bool `json:"ready"`
}

func workers(ctx context.Context, s load.Server) ([]worker, error) {
	text, err := load.Do(ctx, s, load.Request{Method: "GET", Path: "/-/status"})
	if err != nil {
		return nil, err
	}
	var status struct {
		Workers []worker `json:"workers"`
	}
	err = json.Unmarshal([]byte(text), &status)
	return status.Workers, err
}

// Killed is how long it took to be back after each kill, of one worker and of all of MLflow.
type Killed struct{ Workers, All []time.Duration }

// victims is how many servers take turns in losing all of MLflow, so that each has its pause while others are killed: 100
// kills then take seven minutes, not forty.
const victims = 5

// killAll kills one worker of a server so many times, then all of MLflow as often as is said, in turns with other servers. It
// tells how long each took to be back.
func killAll(ctx context.Context, s *servers, scale Scale, r *result.Result, out io.Writer) error {
	killed, err := s.kill(ctx, scale.Workers, scale.All, out)
	if err == nil {
		killed.add(r)
	}
	return err
}

func (s *servers) kill(ctx context.Context, workers, all int, out io.Writer) (k Killed, err error) {
	first, err := s.another(ctx)
	if err != nil {
		return k, err
	}
	for i := range workers {
		time.Sleep(grown)
		took, err := killWorker(ctx, first.Load, i)
		if err != nil {
			return k, err
		}
		k.Workers = append(k.Workers, took)
	}
	tell(out, "one worker", k.Workers)
	type victim struct {
		*subject.Server
		pace pace
		back time.Time // since when it has been ready
	}
	turns := []*victim{{Server: first, back: time.Now()}}
	for len(turns) < min(victims, all) {
		another, err := s.another(ctx)
		if err != nil {
			return k, err
		}
		turns = append(turns, &victim{Server: another, back: time.Now()})
	}
	for n := range all {
		v := turns[n%len(turns)]
		if err := v.pace.rest(ctx, v.back); err != nil {
			return k, err
		}
		took, err := killChild(ctx, v.Server)
		v.back = time.Now()
		if err != nil {
			return k, err
		}
		k.All = append(k.All, took)
	}
	tell(out, "all of MLflow", k.All)
	return k, nil
}

// killWorker returns the time until its successor has answered.
func killWorker(ctx context.Context, s load.Server, i int) (time.Duration, error) {
	before, err := readyWorkers(ctx, s)
	if err != nil {
		return 0, err
	}
	victim := i % len(before)
	began := time.Now()
	if err := syscall.Kill(before[victim].PID, syscall.SIGKILL); err != nil {
		return 0, fmt.Errorf("killing worker %d: %w", victim, err)
	}
	for time.Since(began) < recoveryLimit {
		now, err := workers(ctx, s)
		if err == nil && len(now) == len(before) && now[victim].PID != before[victim].PID && now[victim].Ready {
			return time.Since(began), nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return 0, fmt.Errorf("worker %d did not come back within %v", victim, recoveryLimit)
}

func readyWorkers(ctx context.Context, s load.Server) ([]worker, error) {
	for began := time.Now(); time.Since(began) < recoveryLimit; time.Sleep(50 * time.Millisecond) {
		all, err := workers(ctx, s)
		if err == nil && len(all) > 0 && !slices.ContainsFunc(all, func(w worker) bool { return !w.Ready }) {
			return all, nil
		}
	}
	return nil, fmt.Errorf("not all workers were ready within %v", recoveryLimit)
}

// killChild returns the time until a request was answered again.
func killChild(ctx context.Context, s *subject.Server) (time.Duration, error) {
	before, err := readyWorkers(ctx, s.Load)
	if err != nil {
		return 0, err
	}
	tree, err := process.Tree(s.PID())
	if err != nil || len(tree) < 2 {
		return 0, fmt.Errorf("finding MLflow's processes (%d): %w", len(tree), err)
	}
	began := time.Now()
	if err := syscall.Kill(tree[1].PID, syscall.SIGKILL); err != nil {
		return 0, err
	}
	for time.Since(began) < recoveryLimit {
		time.Sleep(10 * time.Millisecond)
		// A worker that is still dying may answer.
		if now, err := workers(ctx, s.Load); err != nil || len(now) == 0 || slices.ContainsFunc(now, func(w worker) bool { return known(before, w) }) {
			continue
		}
		// With a filter: what the launcher answers itself does not show that MLflow is back.
		if _, err := load.Do(ctx, s.Load, post("experiments/search", `{"max_results": 1, "filter": "name != 'x'"}`)); err == nil {
			return time.Since(began), nil
		}
	}
	return 0, fmt.Errorf("MLflow did not come back within %v", recoveryLimit)
}

// known says whether a worker's process is one of those that there were.
func known(before []worker, w worker) bool {
	return slices.ContainsFunc(before, func(b worker) bool { return b.PID == w.PID })
}

func tell(out io.Writer, what string, took []time.Duration) {
	if len(took) == 0 {
		return
	}
	took = slices.Sorted(slices.Values(took))
	fmt.Fprintf(out, "%s, killed %d times: back after %v (median), %v (longest)\n", what, len(took),
		took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
}

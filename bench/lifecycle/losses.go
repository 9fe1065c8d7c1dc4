package lifecycle

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
)

// writers is how many clients write at once.
const writers = 4

// Report is what became of the writes.
type Report struct {
	Kills int
	// Acknowledged were answered with 2xx, Unanswered failed, which is no promise.
	Acknowledged, Unanswered int
	// Lost were acknowledged and are not there.
	Lost []string
}

func (r Report) String() string {
	return fmt.Sprintf("%d kills, %d acknowledged writes, %d without an answer, %d lost", r.Kills, r.Acknowledged, r.Unanswered, len(r.Lost))
}

// loseNothing kills processes that answer natively, that answer everything themselves, and that do so on SQLite.
func loseNothing(ctx context.Context, s *servers, scale Scale, r *result.Result, out io.Writer) error {
	type part struct {
		name string
		what starter
		kind string
	}
	parts := []part{{"SQLite", s.product, sqlite}}
	if s.kind == postgresql {
		parts = append([]part{{"PostgreSQL", s.product, postgresql}, {"PostgreSQL, MLflow answers everything", s.product.WithoutNative(), postgresql}}, parts...)
	}
	r.Setup = append(r.Setup, fmt.Sprintf("%d clients create runs, log metrics and upload artifacts while a worker of MLflow, or once in five times the parent "+
		"of all, gets SIGKILL at a random moment, %d times on each database. Then everything that was answered with 2xx is looked for. A write "+
		"without an answer is no promise: its client knows that it has to repeat it. On PostgreSQL the launcher answers what training loops call, "+
		"so that most writes do not meet the processes that are killed; with native tracking off, and on SQLite, they all do but files.", writers, scale.Random))
	for _, p := range parts {
		server, err := s.start(ctx, p.what, p.kind)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		report, err := Losses(ctx, server.Load, server.PID(), scale.Random, nil)
		fmt.Fprintf(out, "%s: %v\n", p.name, report)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		report.add(r, p.name)
		if err := server.Stop(); err != nil {
			return err
		}
	}
	return nil
}

// Losses writes runs, metrics, params, tags and artifacts while processes of MLflow, which are descendants of the launcher,
// are killed at random so many times, each after the server was ready. Then it looks for every write that was
// acknowledged. After the n-th kill, from 0, it calls disturb, unless that is nil: whatever else may go wrong.
func Losses(ctx context.Context, s load.Server, launcher, times int, disturb func(n int) error) (Report, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	notes := &notes{metrics: map[string][]int{}, pairs: map[string][]string{}, artifacts: map[string]string{}}
	var work sync.WaitGroup
	ready := make(chan struct{}) // closed when all has been killed
	for n := range writers {
		work.Go(func() { write(ctx, s, n, notes, ready) })
	}
	kills, err := killAtRandom(ctx, s, launcher, times, disturb)
	close(ready)
	work.Wait()
	report := Report{Kills: kills, Acknowledged: notes.acknowledged, Unanswered: notes.unanswered}
	if err != nil {
		return report, err
	}
	if _, err := readyWorkers(ctx, s); err != nil {
		return report, err
	}
	report.Lost, err = notes.missing(ctx, s)
	return report, err
}

// killAtRandom kills a worker, or once in five times the parent of all.
func killAtRandom(ctx context.Context, s load.Server, launcher, times int, disturb func(n int) error) (int, error) {
	var pace pace
	for n := 0; n < times; {
		ready, err := readyWorkers(ctx, s)
		if err != nil {
			return n, err
		}
		since := time.Now()
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		tree, err := process.Tree(launcher)
		if err != nil {
			return n, fmt.Errorf("finding MLflow's processes: %w", err)
		}
		if !all(ready, tree) { // the launcher was still to notice the last kill
			continue
		}
		parent, victim := tree[1].PID, ready[rand.IntN(len(ready))].PID
		if n%5 == 4 {
			victim = parent
		}
		if victim == parent {
			if err := pace.rest(ctx, since); err != nil {
				return n, err
			}
		}
		if syscall.Kill(victim, syscall.SIGKILL) != nil {
			continue // it has just ended by itself
		}
		if disturb != nil {
			if err := disturb(n); err != nil {
				return n, err
			}
		}
		n++
	}
	return times, nil
}

// all says whether every worker is one of the processes: a status may be older than a death.
func all(workers []worker, tree []process.Process) bool {
	for _, w := range workers {
		if !slices.ContainsFunc(tree, func(p process.Process) bool { return p.PID == w.PID }) {
			return false
		}
	}
	return true
}

func write(ctx context.Context, s load.Server, writer int, notes *notes, done <-chan struct{}) {
	run := ""
	for step := 0; ; step++ {
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
		if run == "" || step%50 == 0 {
			created, err := createRun(ctx, s)
			notes.take(err, func() { run = created; notes.metrics[run] = nil })
			continue
		}
		if step%10 == 0 {
			path := fmt.Sprintf("0/%s/artifacts/%d-%d.txt", run, writer, step)
			content := strings.Repeat(path+"\n", 100)
			_, err := load.Do(ctx, s, load.Request{Method: "PUT", Path: "/api/2.0/mlflow-artifacts/artifacts/" + path, Body: content})
			notes.take(err, func() { notes.artifacts[path] = content })
			continue
		}
		steps, name, request := writing(run, step)
		_, err := load.Do(ctx, s, request)
		notes.take(err, func() {
			notes.metrics[run] = append(notes.metrics[run], steps...)
			if name != "" {
				notes.pairs[run] = append(notes.pairs[run], name)
			}
		})
	}
}

// writing is a call of a training loop, the steps of the metrics that it logs, and the name of its param or tag.
func writing(run string, step int) (steps []int, name string, request load.Request) {
	switch name := fmt.Sprintf("n%d", step); step % 5 {
	case 1:
		return []int{step, 1000 + step}, name, post("runs/log-batch", `{"run_id": %q, "metrics": [`+
			`{"key": "m", "value": 1, "timestamp": %d, "step": %d}, {"key": "m", "value": 2, "timestamp": %d, "step": %d}], `+
			`"params": [{"key": %q, "value": "p"}]}`, run, step, step, step, 1000+step, name)
	case 2:
		return nil, name, post("runs/log-parameter", `{"run_id": %q, "key": %q, "value": "p"}`, run, name)
	case 3:
		return nil, name, post("runs/set-tag", `{"run_id": %q, "key": %q, "value": "t"}`, run, name)
	}
	return []int{step}, "", post("runs/log-metric", `{"run_id": %q, "key": "m", "value": %d, "timestamp": %d, "step": %d}`, run, step, step, step)
}

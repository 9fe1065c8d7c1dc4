package fasttrack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"mlflow-server/bench/database"
	"mlflow-server/bench/peer"
	"mlflow-server/bench/result"
	"mlflow-server/internal/provision"
)

// bench is one run.
type bench struct {
	Scale
	all      []*server
	pgbench  *pgbench // nil where there is none
	runtime  provision.Runtime
	database string
	store    string // the database's name and version
	say      func(string)
	result   *result.Result
}

// Measure takes the figures.
func Measure(ctx context.Context, o Scale, versions map[string]string, say func(string)) (r result.Result, err error) {
	r = result.Result{Claim: Name, Title: "The calls of a training loop, answered natively", Versions: versions}
	err = withPeer(ctx, o, &r, say, (*bench).everything)
	return r, err
}

// MeasureSweep takes one figure alone: how long many real clients take that log as much as they do in earnest.
func MeasureSweep(ctx context.Context, o Scale, versions map[string]string, say func(string)) (r result.Result, err error) {
	r = result.Result{Claim: SweepName, Title: "A sweep of Python clients", Versions: versions}
	err = withPeer(ctx, o, &r, say, (*bench).sweepAlone)
	return r, err
}

// part is what is measured, with all servers ready.
type part func(*bench, context.Context) error

func withPeer(ctx context.Context, o Scale, r *result.Result, say func(string), do part) error {
	runtime, err := provision.Find("")
	if err != nil {
		return err
	}
	mlflow, err := peer.Install(ctx, runtime, say)
	if err != nil {
		return err
	}
	return measure(ctx, o, r, runtime, &mlflow, say, do)
}

func measure(ctx context.Context, o Scale, r *result.Result, runtime provision.Runtime, mlflow *peer.MLflow, say func(string), do part) (err error) {
	r.Began, r.Machine = time.Now().Truncate(time.Second), result.ThisMachine()
	dir, err := os.MkdirTemp("", "bench-native-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // PostgreSQL, which does not run as root, passes through
		return err
	}
	store, err := database.Postgres(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	b := &bench{Scale: o, store: store.Name(), runtime: runtime, say: say, result: r}
	if b.database, err = store.New(ctx); err != nil {
		return err
	}
	if b.pgbench, err = newPgbench(dir, b.database); err != nil {
		return err
	}
	b.all, err = start(ctx, dir, b.database, mlflow, o, say)
	defer func() { err = errors.Join(err, stop(b.all)) }()
	if err != nil {
		return err
	}
	if err := do(b, ctx); err != nil {
		return err
	}
	b.failures()
	r.Seconds = time.Since(r.Began).Seconds()
	return nil
}

// everything is all but the sweep of full length.
func (b *bench) everything(ctx context.Context) error {
	for _, step := range []func(context.Context) error{b.calls, b.alone, func(ctx context.Context) error { return b.sweeps(ctx, on, off, two, four) }, b.memory, b.crowd} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	b.notes()
	return nil
}

// calls measures every kind of request.
func (b *bench) calls(ctx context.Context) error {
	table := b.table("Answers per second; median and 99th percentile of the time for one")
	for _, w := range works {
		for _, connections := range b.Fleet {
			if w.few && connections != key && len(b.Fleet) > 1 {
				continue
			}
			cells, err := b.turns(ctx, w, connections)
			if err != nil {
				return err
			}
			table.add(w, connections, cells)
			if w.expected > 0 && (connections == key || len(b.Fleet) == 1) {
				b.beside(fmt.Sprintf("%s, %d connections", w.name, connections), w.expected, cells)
			}
		}
	}
	b.result.Tables = append(b.result.Tables, table.Table)
	return nil
}

// turns measures one kind of request on every server in each turn, none always first.
func (b *bench) turns(ctx context.Context, w work, connections int) ([]cell, error) {
	b.say(fmt.Sprintf("%s, %d connections", w.name, connections))
	turns := b.Turns
	if w.expected > 0 && connections == key {
		turns = b.KeyTurns
	}
	cells := make([]cell, len(b.all))
	for turn := range turns {
		for i := range b.all {
			n := (i + turn) % len(b.all)
			got, err := b.all[n].measure(ctx, b.Scale, w, connections)
			if err != nil {
				return nil, err
			}
			cells[n].add(got)
		}
	}
	return cells, nil
}

// beside compares with "mlflow server" in both sizes.
func (b *bench) beside(name string, expected float64, cells []cell) {
	for _, peer := range []int{two, four} {
		if peer == four {
			name += ", more workers there"
		}
		f := result.Beside(name, "requests/s", result.Of(b.all[on].name, cells[on].rates...), result.Of(b.all[peer].name, cells[peer].rates...))
		if peer == two {
			f = f.RatioAtLeast(expected)
		}
		b.result.Figures = append(b.result.Figures, f)
	}
}

// notes are for everything.
func (b *bench) notes() {
	r := b.result
	r.Setup = append(r.Setup,
		fmt.Sprintf("All four servers on one database: %s, commits not waiting for the disk for any of them. Each writes to %d runs of its own, metrics that "+
			"were not there before; `runs/get` is of runs with 21 metrics, 10 params and 5 tags.", b.store, runs),
		fmt.Sprintf("In turns of %v with native tracking on and %v without, where less is answered; %d turns, %d where something is expected; while one server "+
			"is measured, the others' processes are stopped. Load comes from the same machine, in Go, and takes its share of it.", b.Window, b.SlowWindow, b.Turns, b.KeyTurns),
		b.clients()+fmt.Sprintf(" Each logs %d steps here; with 1,000, see `go run ./bench %s`.", b.Steps, SweepName))
}

// failures tells of every server that did not answer all.
func (b *bench) failures() {
	for _, s := range b.all {
		if s.failed > 0 {
			b.result.Notes = append(b.result.Notes, fmt.Sprintf("%s: %d requests had no 200 within %v, the first of them (%s): %v. They are not counted.", s.name, s.failed, patience, s.where, s.first))
		}
	}
}

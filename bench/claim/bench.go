package claim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"mlflow-server/bench/database"
	"mlflow-server/bench/load"
	"mlflow-server/bench/peer"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
	"mlflow-server/internal/provision"
)

// workers is how many processes answer where the claim does not vary them: this project's default.
const workers = 2

// Bench is what a measurement needs.
type Bench struct {
	Product subject.Product
	// Peer is the MLflow to compare with; nil leaves the comparison out.
	Peer *peer.MLflow
	// Runtime is the Python with MLflow that Product runs on.
	Runtime provision.Runtime
	Store   database.Store
	Scale   Scale
	// Versions of what is measured, for the report.
	Versions map[string]string
	// Dir is where everything that is started lives.
	Dir string
	// Progress hears what is being done, a line at a time.
	Progress func(string)

	started int
	sent    int   // requests so far,
	failed  int   // how many of them failed,
	failure error // and the first of those
}

// limit ends a claim that hangs.
const limit = 40 * time.Minute

// Measure runs a claim.
func (b *Bench) Measure(ctx context.Context, c Claim) (result.Result, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the measurement took more than %v", limit))
	defer cancel()
	r := result.Result{
		Claim: c.Name, Title: c.Title, Began: time.Now().Truncate(time.Second), Machine: result.ThisMachine(), Versions: b.Versions,
	}
	began := time.Now()
	r.Notes = r.Machine.Remarks()
	if nice := process.Nice(); nice < 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("Everything that was measured, on both sides, ran before the machine's other work (nice %d).", nice))
	}
	b.sent, b.failed, b.failure = 0, 0, nil
	if err := c.measure(ctx, b, &r); err != nil {
		return r, fmt.Errorf("measuring %s: %w", c.Name, err)
	}
	if b.failed > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d of %d requests failed, the first one with: %v", b.failed, b.sent, b.failure))
	}
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}

func (b *Bench) say(format string, args ...any) { b.Progress(fmt.Sprintf(format, args...)) }

// directory makes a new one; its path is short, because sockets are made below it.
func (b *Bench) directory() (string, error) {
	b.started++
	dir := filepath.Join(b.Dir, strconv.Itoa(b.started))
	return dir, os.Mkdir(dir, 0o700)
}

// starter is a subject that can be started.
type starter interface {
	Start(subject.Options) (*subject.Server, error)
}

// start starts a subject in a directory of its own.
func (b *Bench) start(s starter, database string, workers int) (*subject.Server, error) {
	dir, err := b.directory()
	if err != nil {
		return nil, err
	}
	return s.Start(subject.Options{Dir: dir, Database: database, Workers: workers})
}

// startReady starts a subject and waits for its first answer.
func (b *Bench) startReady(ctx context.Context, s starter, database string, workers int) (*subject.Server, error) {
	server, err := b.start(s, database, workers)
	if err != nil {
		return nil, err
	}
	if _, err := server.Ready(ctx); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return server, nil
}

// startNew starts a subject on a new database and waits for its first answer.
func (b *Bench) startNew(ctx context.Context, s starter, workers int) (*subject.Server, error) {
	database, err := b.Store.New(ctx)
	if err != nil {
		return nil, err
	}
	return b.startReady(ctx, s, database, workers)
}

// tolerated is the part of requests that may fail before a measurement is worthless.
const tolerated = 0.01

// load sends requests, and refuses a result that means nothing.
func (b *Bench) load(ctx context.Context, s load.Server, o load.Options, next func(int) load.Request) (load.Result, error) {
	got, err := load.Run(ctx, s, o, next)
	if err != nil {
		return got, err
	}
	b.sent, b.failed, b.failure = b.sent+got.Requests, b.failed+got.Failed, cmp.Or(b.failure, got.Failure)
	if float64(got.Failed) > tolerated*float64(got.Requests) {
		return got, fmt.Errorf("%d of %d requests failed, the first one: %w", got.Failed, got.Requests, got.Failure)
	}
	return got, nil
}

// family is a server's processes, the one that was started first.
func family(s *subject.Server) ([]process.Process, error) {
	tree, err := process.Tree(s.PID())
	if err == nil && (len(tree) == 0 || tree[0].PID != s.PID()) {
		<-s.Done()
		err = s.Ended()
	}
	return tree, err
}

// started is anything that was started: a server, or what stands in front of one.
type started interface {
	PID() int
	Stop() error
}

// some is what can be told from the rest.
type some interface {
	comparable
	started
}

// alone holds everything but only while do runs, so that it has the machine to itself.
func alone[R some](only, all []R, do func() error) error {
	for _, r := range all {
		if !slices.Contains(only, r) {
			if err := process.Hold(r.PID()); err != nil {
				return err
			}
		}
	}
	for _, r := range only {
		if err := process.Release(r.PID()); err != nil {
			return err
		}
	}
	return do()
}

// stopAll stops what was started, the last first, also what alone has held.
func stopAll[R started](all []R) error {
	var errs []error
	for _, r := range slices.Backward(all) {
		errs = append(errs, r.Stop())
	}
	return errors.Join(errs...)
}

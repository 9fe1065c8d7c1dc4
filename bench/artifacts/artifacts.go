// Package artifacts measures transfers of files through this project's gate beside MLflow's own proxy behind the same
// gate, both on one S3 server on this machine.
package artifacts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

// The measurements' names on the command line and in the results.
const (
	Name    = "artifacts"
	APIName = "uploads"
)

// Scale is how much is transferred.
type Scale struct {
	// Small, Large and Huge are bytes of a file, Smalls, Larges and Huges how many of them go one after the other; 0 bytes
	// leave it out.
	Small, Large, Huge    int64
	Smalls, Larges, Huges int
	// Together is how many files of Shared bytes go at once.
	Together int
	Shared   int64
	// Whole is a file that goes through the gate alone, up and down, and is compared; 0 leaves it out.
	Whole int64
	// Busy is how many uploads of Large run while the API is asked, Asked how often it is asked idle and busy in each of
	// Rounds, and Settle how long uploads run before.
	Busy, Asked, Rounds int
	Settle              time.Duration
}

const mega = 1 << 20

// The scales: Full gives figures to publish and takes 15 minutes, Smoke shows that everything runs.
var (
	Full  = Scale{Small: mega, Smalls: 30, Large: 256 * mega, Larges: 5, Huge: 1024 * mega, Huges: 2, Together: 8, Shared: 256 * mega, Whole: 5120 * mega, Busy: 4, Asked: 200, Rounds: 5, Settle: time.Second}
	Short = Scale{Small: mega, Smalls: 10, Large: 256 * mega, Larges: 2, Together: 8, Shared: 32 * mega, Busy: 4, Asked: 150, Rounds: 2, Settle: time.Second}
	Smoke = Scale{Small: mega / 4, Smalls: 2, Large: 12 * mega, Larges: 1, Together: 2, Shared: 6 * mega, Whole: 11 * mega, Busy: 1, Asked: 5, Rounds: 1}
)

// bench is one run.
type bench struct {
	scale Scale
	dir   string
	// program is this project's.
	program string
	store   store
	gate    server // this project's
	proxy   server // MLflow's own
	say     func(string)
	r       *result.Result
	sent    atomic.Int64 // bytes of all uploads so far
}

// step is one part of a measurement.
type step func(*bench, context.Context) error

// Measure measures transfers, one at a time and several at once.
func Measure(ctx context.Context, scale Scale, versions map[string]string, progress func(string)) (result.Result, error) {
	r := result.Result{Claim: Name, Title: "Files"}
	return measure(ctx, r, scale, versions, progress, transfers()...)
}

func transfers() []step {
	return []step{(*bench).oneAtATime, (*bench).afterTheLastByte, (*bench).besideAWS, (*bench).together, (*bench).whole}
}

// MeasureAPI measures how long the API takes to answer while uploads run.
func MeasureAPI(ctx context.Context, scale Scale, versions map[string]string, progress func(string)) (result.Result, error) {
	r := result.Result{Claim: APIName, Title: "The API beside uploads"}
	return measure(ctx, r, scale, versions, progress, (*bench).api)
}

// measure runs steps in a directory that it removes.
func measure(ctx context.Context, r result.Result, scale Scale, versions map[string]string, progress func(string),
	steps ...step) (_ result.Result, err error) {
	dir, err := os.MkdirTemp("", "bench-artifacts-")
	if err != nil {
		return r, fmt.Errorf("making a directory for the measurement: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	r.Began, r.Machine, r.Versions = began.Truncate(time.Second), result.ThisMachine(), versions
	r.Setup = []string{
		"One S3 server (versitygw, signatures checked) on loopback; the same disk and processors as everything else.",
		"MLflow's own proxy is the same server with MLFLOW_NATIVE_ARTIFACTS=false; two workers each, SQLite.",
		"Files are random bytes; all take turns.",
	}
	if r.Machine.Load > 0.75*float64(r.Machine.Cores) {
		r.Notes = append(r.Notes, fmt.Sprintf("The machine was busy with other things (load average %.1f before the run): absolute figures are worth little.", r.Machine.Load))
	}
	b := &bench{scale: scale, dir: dir, say: progress, r: &r}
	progress("building")
	product, err := subject.Build(ctx, dir)
	if err != nil {
		return r, err
	}
	b.program = product.Binary
	if b.store, err = startStore(ctx, dir); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, b.store.Stop()) }()
	for _, s := range []struct {
		to     *server
		native string
	}{{&b.gate, "true"}, {&b.proxy, "false"}} {
		if *s.to, err = start(ctx, filepath.Join(dir, "native-"+s.native), product.Binary, b.store, s.native); err != nil {
			return r, err
		}
		s.to.sent = &b.sent
		defer func() { err = errors.Join(err, s.to.Stop()) }()
	}
	for _, do := range steps {
		if err := do(b, ctx); err != nil {
			return r, err
		}
	}
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}

// memory is what a server's processes hold, in MB.
func (s server) memory() (float64, error) {
	tree, err := process.Tree(s.PID())
	if err != nil {
		return 0, err
	}
	bytes, err := process.PSS(tree)
	return float64(bytes) / mega, err
}

package claim

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

var memory = Claim{
	Name: "memory", Title: "What it keeps in memory",
	Usage:   "memory of all processes, idle and after mixed requests, by the number of workers",
	measure: measureMemory,
}

// memoryLimits are the expectations in MB, by the number of workers.
var memoryLimits = map[int]float64{1: 220, 2: 290, 4: 390}

// footprint is what one start of a server took, in MB.
type footprint struct{ idle, after, launcher, processes []float64 }

func measureMemory(ctx context.Context, b *Bench, r *result.Result) error {
	unaided := b.Product.WithoutNative()
	for _, workers := range b.Scale.Workers {
		var ours, without, theirs footprint
		for range b.Scale.MemoryRounds {
			b.say("memory of mlflow-server with %s", count(workers, "worker"))
			if err := b.footprint(ctx, b.Product, workers, &ours); err != nil {
				return err
			}
			b.say("the same without native tracking")
			if err := b.footprint(ctx, unaided, workers, &without); err != nil {
				return err
			}
			if b.Peer == nil {
				continue
			}
			b.say("memory of mlflow server with %s", count(workers, "worker"))
			if err := b.footprint(ctx, subject.MLflow{MLflow: *b.Peer}, workers, &theirs); err != nil {
				return err
			}
		}
		figure := func(name, unit string, ours, theirs []float64) result.Figure {
			name = fmt.Sprintf("%s, %s", count(workers, "worker"), name)
			if b.Peer == nil {
				return result.Alone(name, unit, result.Of("mlflow-server", ours...))
			}
			return result.Beside(name, unit, result.Of("mlflow-server", ours...), result.Of("`mlflow server`", theirs...))
		}
		idle := figure("idle", "MB", ours.idle, theirs.idle)
		after := figure(fmt.Sprintf("after %d requests", b.Scale.Requests), "MB", ours.after, theirs.after)
		all := figure(fmt.Sprintf("after %d requests that MLflow answers all", b.Scale.Requests), "MB", without.after, theirs.after)
		if limit, ok := memoryLimits[workers]; ok {
			idle, after, all = idle.ValueAtMost(limit), after.ValueAtMost(limit), all.ValueAtMost(limit)
		}
		r.Figures = append(r.Figures, idle, after, all, figure("processes", "", ours.processes, theirs.processes),
			result.Alone(count(workers, "worker")+", the launcher's part after them", "MB", result.Of("mlflow-server", ours.launcher...)))
	}
	r.Setup = append(r.Setup,
		"Proportional set size (`smaps_rollup`) of the whole process tree, the launcher included, in MB of 1,048,576 bytes: a page that "+
			"several processes share counts once.",
		fmt.Sprintf("Read when it changes by less than %g %% in %v: idle, after the first answer, and after %d requests on %d connections, of "+
			"twenty: 5 log-metric, 4 runs/get, 3 runs/search, 2 experiments/search and one each of log-batch (100 metrics), set-tag, "+
			"metrics/get-history, artifacts/list, an artifact of 16 KB uploaded, the UI's page. On PostgreSQL the launcher answers most of "+
			"them; where MLflow answers all, native tracking is switched off.",
			100*restless, b.Scale.Settle, b.Scale.Requests, b.Scale.Connections),
		"Database: "+b.Store.Name()+", a new one for each server; its own memory is not counted. One server runs at a time. Other programs "+
			"on the machine that use the same Python take a part of the shared pages: a machine with nothing else shows more.")
	return nil
}

// footprint starts a server, reads its memory, uses it, and reads it again.
func (b *Bench) footprint(ctx context.Context, s starter, workers int, f *footprint) (err error) {
	server, err := b.startNew(ctx, s, workers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	idle, after, _, err := b.used(ctx, server)
	f.idle, f.processes = append(f.idle, idle.all), append(f.processes, float64(idle.processes))
	f.after, f.launcher = append(f.after, after.all), append(f.launcher, after.launcher)
	return err
}

// used reads a server's memory, uses it, and reads it again. More of what it was used with can be asked for.
func (b *Bench) used(ctx context.Context, s *subject.Server) (idle, after weight, more mix, err error) {
	if idle, err = b.settled(ctx, s); err != nil {
		return idle, after, more, err
	}
	if more, err = prepareMix(ctx, s.Load, 2*b.Scale.Connections); err != nil {
		return idle, after, more, err
	}
	if _, err = b.load(ctx, s.Load, load.Options{Connections: b.Scale.Connections, Requests: b.Scale.Requests}, more.request); err != nil {
		return idle, after, more, err
	}
	after, err = b.settled(ctx, s)
	return idle, after, more, err
}

// weight is the memory of all processes of a server and of the one that was started first, in MB.
type weight struct {
	all, launcher float64
	processes     int
}

// restless is the part of itself by which memory may change in an interval and count as settled.
const restless = 0.005

// settled waits until nothing much changes any more: the job processes of "mlflow server" are still being loaded when its
// first answer comes.
func (b *Bench) settled(ctx context.Context, s *subject.Server) (weight, error) {
	last, err := weigh(s)
	for deadline := time.Now().Add(b.Scale.SettleAtMost); err == nil; {
		select {
		case <-ctx.Done():
			return last, context.Cause(ctx)
		case <-time.After(b.Scale.Settle):
		}
		var now weight
		now, err = weigh(s)
		if math.Abs(now.all-last.all) <= restless*last.all && now.processes == last.processes || time.Now().After(deadline) {
			return now, err
		}
		last = now
	}
	return last, err
}

func weigh(s *subject.Server) (weight, error) {
	tree, err := family(s)
	if err != nil {
		return weight{}, err
	}
	total, err := process.PSS(tree)
	if err != nil {
		return weight{}, err
	}
	launcher, err := process.PSS(tree[:1])
	return weight{all: float64(total) / (1 << 20), launcher: float64(launcher) / (1 << 20), processes: len(tree)}, err
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return result.Number(float64(n)) + " " + noun + "s"
}

package claim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

var throughput = Claim{
	Name: "throughput", Title: "How many calls it answers",
	Usage:   "requests per second by call and by connections, beside MLflow's own server",
	measure: measureThroughput,
}

// work is a kind of load.
type work struct {
	name    string
	request func(m mix, i int) load.Request
	// expected is our rate to theirs, at least; 0 expects nothing.
	expected float64
}

// stuck is what nobody waits for: an answer that takes longer is none. MLflow's own server can hang for minutes on
// many batches at once.
const stuck = 30 * time.Second

// failed are the requests of one server that had no good answer.
type failed struct {
	count int
	where string
	first error
}

func (f *failed) add(got load.Result, where string) {
	if got.Failed > 0 && f.count == 0 {
		f.where, f.first = where, got.Failure
	}
	f.count += got.Failed
}

var works = []work{
	{"training and looking, mixed", mix.training, 2},
	{"`runs/log-metric`", mix.logMetric, 0},
	{"`runs/log-batch` of 100 metrics", mix.logBatch, 0},
	{"`runs/get`", mix.getRun, 0},
	{"`runs/search`", mix.searchRuns, 0},
	{"`experiments/search`", func(_ mix, i int) load.Request { return search(i) }, 0},
}

func measureThroughput(ctx context.Context, b *Bench, r *result.Result) (err error) {
	subjects := []starter{b.Product}
	if b.Peer != nil {
		subjects = append(subjects, subject.MLflow{MLflow: *b.Peer})
	}
	var all []*subject.Server
	var mixes []mix
	defer func() { err = errors.Join(err, stopAll(all)) }()
	for _, s := range subjects {
		server, err := b.startNew(ctx, s, workers)
		if err != nil {
			return err
		}
		all = append(all, server)
		m, err := prepareMix(ctx, server.Load, 2*b.Scale.Connections)
		if err != nil {
			return err
		}
		mixes = append(mixes, m)
	}
	failures := make([]failed, len(all))
	for _, w := range works {
		for _, connections := range b.Scale.Fleet {
			name := fmt.Sprintf("%s, %s", w.name, count(connections, "connection"))
			b.say("%s", name)
			rounds := b.Scale.Turns
			if w.expected > 0 {
				rounds = b.Scale.Rounds
			}
			samples, err := b.turns(ctx, rounds, all, func(at int, s *subject.Server) (float64, error) {
				// What an earlier turn has left undone is not this one's.
				if _, err := load.Do(ctx, s.Load, w.request(mixes[at], 0)); err != nil {
					return 0, err
				}
				got, err := load.Run(ctx, s.Load, load.Options{Connections: connections, WarmUp: b.Scale.WarmUp, Window: b.Scale.Window, Patience: stuck},
					func(i int) load.Request { return w.request(mixes[at], i) })
				failures[at].add(got, name)
				return float64(got.Requests-got.Failed) / got.Took.Seconds(), err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			if b.Peer == nil {
				r.Figures = append(r.Figures, result.Alone(name, "requests/s", result.Of("mlflow-server", samples[0]...)))
				continue
			}
			f := result.Beside(name, "requests/s", result.Of("mlflow-server", samples[0]...), result.Of("`mlflow server`", samples[1]...))
			if w.expected > 0 {
				f = f.RatioAtLeast(w.expected)
			}
			r.Figures = append(r.Figures, f)
		}
	}
	for at, f := range failures {
		if f.count > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("%s: %d requests were not answered with 200 within %v, the first of them (%s) with: %v. They are not counted.",
				[]string{"mlflow-server", "`mlflow server`"}[at], f.count, stuck, f.where, f.first))
		}
	}
	r.Setup = append(r.Setup,
		fmt.Sprintf("%d workers each, a database each on one server: %s. In turns of %v, %d of each, %d where something is expected; while one server is measured, the "+
			"other's processes are stopped. Load comes from the same machine.", workers, b.Store.Name(), b.Scale.Window, b.Scale.Turns, b.Scale.Rounds),
		"Mixed: of ten requests five `runs/log-metric`, two `runs/log-batch` of 20 metrics, one each of `runs/search`, "+
			"`experiments/search` and `runs/get`.")
	return nil
}

// turns measures every server in each round, none always first, alone on the machine.
func (b *Bench) turns(ctx context.Context, rounds int, all []*subject.Server, one func(at int, s *subject.Server) (float64, error)) ([][]float64, error) {
	samples := make([][]float64, len(all))
	for round := range rounds {
		for i := range all {
			at := (i + round) % len(all)
			err := alone(all[at:at+1], all, func() error {
				rate, err := one(at, all[at])
				samples[at] = append(samples[at], rate)
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return samples, nil
}

package claim

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
)

// batch is how many metrics MLflow takes in one call (mlflow/utils/validation.py).
const batch = 1000

// asker is a call whose cost may depend on the amount of data.
type asker struct {
	name, what string
	request    func(size int) load.Request
}

// growingData fills the database through the first contestant and measures all of them at each size on the way up.
func (b *Bench) growingData(ctx context.Context, r *result.Result, contestants []contestant, all []started) error {
	m, err := prepareMix(ctx, contestants[0].load, 1)
	if err != nil {
		return err
	}
	steps, keys := map[int]string{}, map[int]string{} // runs by the number of their points and of their keys
	history := func(size int) load.Request {
		return get("/api/2.0/mlflow/metrics/get-history?metric_key=loss&run_id=" + steps[size])
	}
	askers := []asker{
		{"`runs/search` for the newest 50", "run", m.searchRuns},
		{"`experiments/search`", "run", search},
		{"`runs/get`", "metric", func(size int) load.Request { return get("/api/2.0/mlflow/runs/get?run_id=" + keys[size]) }},
		{"`metrics/get-history`", "metric", history},
	}
	samples := make([][]map[int][]float64, len(askers)) // by call, contestant and size
	for i := range samples {
		samples[i] = make([]map[int][]float64, len(contestants))
		for n := range contestants {
			samples[i][n] = map[int][]float64{}
		}
	}
	has := len(m.runs)
	for _, size := range b.Scale.Sizes {
		b.say("filling up to %s", count(size, "run"))
		err := alone(contestants[0].needs, all, func() (err error) {
			if steps[size], keys[size], err = b.addMetrics(ctx, contestants[0].load, m, size); err != nil {
				return err
			}
			has += 2
			err = b.fill(ctx, contestants[0].load, m, has, size)
			has = max(has, size)
			return err
		})
		if err != nil {
			return fmt.Errorf("filling the database: %w", err)
		}
		for i, a := range askers {
			b.say("%s at %d", a.name, size)
			got, err := b.inTurns(contestants, all, func(c contestant) (float64, error) {
				return b.typical(ctx, c.load, a.request(size))
			})
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			for n := range contestants {
				samples[i][n][size] = got[n]
			}
		}
	}
	for i, a := range askers {
		var theirs map[int][]float64
		beside := ""
		if len(contestants) > 1 {
			theirs, beside = samples[i][1], contestants[1].name
		}
		r.Figures = append(r.Figures, growthFigures(a.name, a.what, "ms", b.Scale.Sizes, samples[i][0], theirs, beside)...)
		// Expected is something of the largest size, not of the growth: who takes long for the shortest answer grows less.
		if largest := len(r.Figures) - 2; theirs != nil {
			r.Figures[largest] = r.Figures[largest].RatioAtMost(noSlower)
		}
	}
	return nil
}

// few requests come before those that count, and stand for them where as many as are asked for would take more than enough.
const (
	few    = 3
	enough = 3 * time.Second
)

// typical is the median time of an answer in milliseconds, one request at a time.
func (b *Bench) typical(ctx context.Context, s load.Server, r load.Request) (float64, error) {
	one := func(int) load.Request { return r }
	first, err := b.load(ctx, s, load.Options{Connections: 1, Requests: few}, one)
	if err != nil {
		return 0, err
	}
	more := min(b.Scale.Asked, int(enough/max(first.P50, time.Microsecond)))
	if more < few {
		return milliseconds(first.P50), nil
	}
	got, err := b.load(ctx, s, load.Options{Connections: 1, Requests: more}, one)
	return milliseconds(got.P50), err
}

// noSlower allows for what the same work differs by from turn to turn.
const noSlower = 1.1

// fill adds runs to those that the experiment has until there are so many.
func (b *Bench) fill(ctx context.Context, s load.Server, m mix, has, size int) error {
	if has >= size {
		return nil
	}
	_, err := b.load(ctx, s, load.Options{Connections: fillers, Requests: size - has}, func(i int) load.Request {
		return post("runs/create", `{"experiment_id": %q, "start_time": %d}`, m.experiment, m.began+int64(has+i))
	})
	return err
}

// fillers is how many connections fill the database.
const fillers = 8

// addMetrics makes two runs, older than all others, so that no list of the newest has their metrics: one with so many points of the metric "loss", and one with so many metrics.
func (b *Bench) addMetrics(ctx context.Context, s load.Server, m mix, size int) (steps, keys string, err error) {
	for _, run := range []struct {
		id     *string
		metric func(i int) string
	}{
		{&steps, func(i int) string {
			return fmt.Sprintf(`{"key": "loss", "value": %d, "timestamp": %d, "step": %d}`, i, m.began+int64(i), i)
		}},
		{&keys, func(i int) string {
			return fmt.Sprintf(`{"key": "metric-%d", "value": %d, "timestamp": %d, "step": 0}`, i, i, m.began)
		}},
	} {
		if *run.id, err = createRun(ctx, s, m.experiment, m.began-1); err != nil {
			return "", "", err
		}
		for from := 0; from < size; from += batch {
			var some []string
			for i := from; i < min(from+batch, size); i++ {
				some = append(some, run.metric(i))
			}
			if _, err := load.Do(ctx, s, post("runs/log-batch", `{"run_id": %q, "metrics": [%s]}`, *run.id, strings.Join(some, ","))); err != nil {
				return "", "", err
			}
		}
	}
	return steps, keys, nil
}

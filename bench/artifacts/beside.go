package artifacts

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
)

// way is how uploads go to the store while the API is asked.
type way struct {
	name string
	api  server // is asked
	put  func(ctx context.Context, name string, size int64) error
}

// during is what was seen while uploads ran, or did not.
type during struct {
	took  []float64 // of API requests, in ms
	speed float64   // of the uploads, in MB/s
	used  [4]float64
}

// percentiles are those of the API's answers that are reported.
var percentiles = [2]int{50, 99}

// The processes whose processor time is counted, as in during.used.
const (
	inClient = iota
	inLauncher
	inMLflow
	inStore
)

// api measures how long the API takes to answer while uploads run: through the gate, past it straight to the store with
// the least work that an upload can be, which is what this machine can do at best, and through MLflow's proxy.
func (b *bench) api(ctx context.Context) error {
	ways := []way{
		{ours, b.gate, func(ctx context.Context, name string, size int64) error {
			_, err := b.gate.up(ctx, name, size, false)
			return err
		}},
		{"straight to the store", b.gate, b.straight},
		{theirs, b.proxy, func(ctx context.Context, name string, size int64) error {
			_, err := b.proxy.up(ctx, name, size, false)
			return err
		}},
	}
	// Of each way: the median and the 99th percentile, idle, beside uploads, and one to the other.
	var idle, busy, times [2][][]float64
	for p := range percentiles {
		idle[p], busy[p], times[p] = make([][]float64, len(ways)), make([][]float64, len(ways)), make([][]float64, len(ways))
	}
	speed := make([][]float64, len(ways))
	used := make([][4][]float64, len(ways))
	for round := range b.scale.Rounds {
		b.say(fmt.Sprintf("the API beside uploads, round %d of %d", round+1, b.scale.Rounds))
		for i := range ways {
			n := (i + round) % len(ways) // nobody is always first
			quiet, err := b.watchAPI(ctx, ways[n], 0)
			if err != nil {
				return err
			}
			loaded, err := b.watchAPI(ctx, ways[n], b.scale.Busy)
			if err != nil {
				return err
			}
			for p, percent := range percentiles {
				before, beside := percentile(quiet.took, percent), percentile(loaded.took, percent)
				idle[p][n], busy[p][n], times[p][n] = append(idle[p][n], before), append(busy[p][n], beside), append(times[p][n], beside/before)
			}
			speed[n] = append(speed[n], loaded.speed)
			for p, share := range loaded.used {
				used[n][p] = append(used[n][p], share)
			}
		}
	}
	title := fmt.Sprintf("%d uploads of %s", b.scale.Busy, size(b.scale.Large))
	for p, percent := range percentiles {
		name := fmt.Sprintf("runs/get, %dth percentile, ", percent)
		for n, w := range ways {
			b.r.Figures = append(b.r.Figures, result.Beside(name+"beside "+title+" and before, "+w.name, "ms",
				result.Of("beside", busy[p][n]...), result.Of("idle", idle[p][n]...)))
		}
		for n, w := range ways[1:] {
			f := result.Beside(name+"beside uploads, times idle, compared with "+w.name, "×", result.Of(ours, times[p][0]...), result.Of(w.name, times[p][n+1]...))
			if percent == 99 {
				f = f.ValueAtMost(1.5)
			}
			b.r.Figures = append(b.r.Figures, f)
		}
	}
	for n, w := range ways[1:] {
		b.r.Figures = append(b.r.Figures, result.Beside("the uploads meanwhile, compared with "+w.name, "MB/s", result.Of(ours, speed[0]...), result.Of(w.name, speed[n+1]...)))
	}
	for p, name := range []string{"the client", "the gate", "MLflow", "the store"} {
		f := result.Beside("processor time of an upload's GB and of what is asked meanwhile, in "+name, "s",
			result.Of(ours, used[0][p]...), result.Of(ways[1].name, used[1][p]...))
		b.r.Figures = append(b.r.Figures, f)
	}
	return nil
}

// watchAPI asks the API again and again while so many uploads run.
func (b *bench) watchAPI(ctx context.Context, w way, uploads int) (during, error) {
	ask, err := w.api.aRun(ctx)
	if err != nil {
		return during{}, err
	}
	busy, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	var failed atomic.Pointer[error]
	for i := range uploads {
		running.Go(func() {
			for busy.Err() == nil {
				if err := w.put(busy, "busy/"+strconv.Itoa(i), b.scale.Large); err != nil && busy.Err() == nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	if uploads > 0 {
		// The first moments are not like the others.
		time.Sleep(b.scale.Settle)
	}
	before, err := b.processorTimes(w)
	if err != nil {
		return during{}, err
	}
	began, sent := time.Now(), b.sent.Load()
	var seen during
	for range b.scale.Asked {
		asked := time.Now()
		if err := ask(); err != nil {
			return during{}, err
		}
		seen.took = append(seen.took, float64(time.Since(asked).Microseconds())/1000)
	}
	took := time.Since(began)
	after, err := b.processorTimes(w)
	moved := float64(b.sent.Load() - sent)
	cancel()
	running.Wait()
	if f := failed.Load(); f != nil {
		return during{}, fmt.Errorf("uploading %s: %w", w.name, *f)
	}
	seen.speed = moved / mega / took.Seconds()
	for p := range seen.used {
		seen.used[p] = (after[p] - before[p]).Seconds() / max(moved/(1<<30), 1e-9)
	}
	return seen, err
}

// processorTimes are those of the processes in the order of during.used.
func (b *bench) processorTimes(w way) (used [4]time.Duration, err error) {
	own, err := process.Tree(os.Getpid())
	if err != nil {
		return used, err
	}
	tree, err := process.Tree(w.api.PID())
	if err != nil {
		return used, err
	}
	stored, err := process.Tree(b.store.PID())
	used[inClient], used[inLauncher] = process.CPU(own[:1]), process.CPU(tree[:1])
	used[inMLflow], used[inStore] = process.CPU(tree[1:]), process.CPU(stored)
	return used, err
}

// aRun makes a run and returns how to ask for it.
func (s server) aRun(ctx context.Context) (func() error, error) {
	call := func(method, path, body string) (string, error) {
		r, err := http.NewRequestWithContext(ctx, method, s.url+"/api/2.0/mlflow/"+path, strings.NewReader(body))
		if err != nil {
			return "", err
		}
		r.SetBasicAuth(s.user, s.password)
		r.Header.Set("Content-Type", "application/json")
		answer, err := s.client.Do(r)
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if answer.StatusCode != http.StatusOK {
			return "", fmt.Errorf("%s: %s", path, answer.Status)
		}
		return string(text), err
	}
	made, err := call(http.MethodPost, "runs/create", `{"experiment_id":"0"}`)
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(made, `"run_id": "`)
	id, _, _ := strings.Cut(rest, `"`)
	return func() error {
		_, err := call(http.MethodGet, "runs/get?run_id="+id, "")
		return err
	}, nil
}

// percentile of values that it sorts.
func percentile(values []float64, p int) float64 {
	slices.Sort(values)
	return values[(len(values)*p-1)/100]
}

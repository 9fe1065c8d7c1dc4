package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

const (
	// Memory is read so often, or often enough for samples of a short soak.
	sampleEvery, samplesAtLeast = 30 * time.Second, 12
	// settled is the part of a soak after which memory is expected not to grow.
	settled = 0.25
)

// soaked is what came out of a soak of one server.
type soaked struct {
	name         string
	length       time.Duration
	sent, failed int64
	// In MB, of all processes and without what is in files, both by hours, after the first quarter.
	all, own line
}

// soakAll has this project's server, the same with MLflow answering everything, and MLflow's own side by side, with the same
// requests.
func soakAll(ctx context.Context, s *servers, scale Scale, r *result.Result, out io.Writer) error {
	type soaking struct {
		name   string
		what   starter
		server *subject.Server
	}
	all := []soaking{{name: ours, what: s.product}}
	if s.kind == postgresql { // elsewhere MLflow answers everything anyway
		all = append(all, soaking{name: oursWithout, what: s.product.WithoutNative()})
	}
	if s.peer != nil {
		all = append(all, soaking{name: s.peer.Name(), what: *s.peer})
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var work sync.WaitGroup
	got := make([]soaked, len(all))
	lines := &lockedWriter{to: out}
	for i := range all {
		server, err := s.start(ctx, all[i].what, s.kind)
		if err != nil {
			return fmt.Errorf("%s: %w", all[i].name, err)
		}
		all[i].server = server
	}
	for i, one := range all {
		work.Go(func() {
			var err error
			if got[i], err = soakOne(ctx, one.server, one.name, scale.Length, scale.Rate, lines); err != nil {
				cancel(fmt.Errorf("%s: %w", one.name, err))
			}
		})
	}
	work.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	add(r, got)
	return nil
}

// lockedWriter lets several write lines.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

// Write implements io.Writer.
func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// soakOne sends so many requests per second for a time, 70 % of them writing metrics, and tells what memory does.
func soakOne(ctx context.Context, s *subject.Server, name string, length time.Duration, rate int, out io.Writer) (soaked, error) {
	run, err := createRun(ctx, s.Load)
	if err != nil {
		return soaked{}, err
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var sent, failed atomic.Int64
	var work sync.WaitGroup
	requests := make(chan int, 4*rate)
	for range 8 {
		work.Go(func() {
			for i := range requests {
				_, err := load.Do(context.WithoutCancel(ctx), s.Load, mixed(run, i))
				sent.Add(1)
				if err != nil {
					failed.Add(1)
				}
			}
		})
	}
	began, ticks, samples := time.Now(), time.NewTicker(time.Second/time.Duration(rate)), time.NewTicker(min(sampleEvery, length/samplesAtLeast))
	defer ticks.Stop()
	defer samples.Stop()
	o := soaked{name: name, length: length}
	for i, going := 0, true; going; {
		select {
		case <-ctx.Done():
			going = false
		case <-ticks.C:
			select {
			case requests <- i:
				i++
			default: // it does not keep up; the summary shows by how much
			}
		case <-samples.C:
			all, own, err := memory(s)
			if err != nil {
				return o, err
			}
			at := time.Since(began)
			fmt.Fprintf(out, "%5.1f min  %6.1f MB, %6.1f of them in no file  %d requests, %d failed  %s\n",
				at.Minutes(), all, own, sent.Load(), failed.Load(), name)
			if at >= time.Duration(settled*float64(length)) {
				o.all.add(at.Hours(), all)
				o.own.add(at.Hours(), own)
			}
		}
	}
	close(requests)
	work.Wait()
	o.sent, o.failed = sent.Load(), failed.Load()
	fmt.Fprintf(out, "%v: %d requests, %d failed; after the first quarter %.1f MB on average, slope %+.1f MB per hour (± %.1f)  %s\n",
		length, o.sent, o.failed, o.all.mean(), o.own.slope(), o.own.error(), name)
	if outer.Err() != nil {
		return o, context.Cause(outer)
	}
	return o, nil
}

// memory is what all processes of a server take, and how much of it is in no file, in MB.
func memory(s *subject.Server) (all, own float64, err error) {
	tree, err := process.Tree(s.PID())
	if err != nil {
		return 0, 0, err
	}
	total, err := process.PSS(tree)
	if err != nil {
		return 0, 0, err
	}
	anonymous, err := process.Anonymous(tree)
	return float64(total) / (1 << 20), float64(anonymous) / (1 << 20), err
}

// mixed is the i-th request: of ten, seven write metrics, two search and one gets.
func mixed(run string, i int) load.Request {
	now := time.Now().UnixMilli()
	switch i % 10 {
	case 0, 1, 2, 3, 4:
		return post("runs/log-metric", `{"run_id": %q, "key": "m%d", "value": %d, "timestamp": %d, "step": %d}`, run, i%20, i, now, i)
	case 5, 6:
		return post("runs/log-batch", `{"run_id": %q, "metrics": [{"key": "a", "value": %d, "timestamp": %d, "step": %d}, {"key": "b", "value": 1, "timestamp": %d, "step": %d}]}`,
			run, i, now, i, now, i)
	case 7:
		return post("experiments/search", `{"max_results": 20}`)
	case 8:
		return post("runs/search", `{"experiment_ids": ["0"], "max_results": 20}`)
	default:
		return load.Request{Method: "GET", Path: "/api/2.0/mlflow/runs/get?run_id=" + run}
	}
}

func createRun(ctx context.Context, s load.Server) (string, error) {
	text, err := load.Do(ctx, s, post("runs/create", `{"experiment_id": "0", "start_time": %d}`, time.Now().UnixMilli()))
	if err != nil {
		return "", fmt.Errorf("creating a run: %w", err)
	}
	var answer struct {
		Run struct {
			Info struct {
				ID string `json:"run_id"`
			} `json:"info"`
		} `json:"run"`
	}
	err = json.Unmarshal([]byte(text), &answer)
	return answer.Run.Info.ID, err
}

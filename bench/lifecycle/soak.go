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
	"mlflow-server/bench/subject"
)

const (
	// Memory is read so often, or often enough for samples of a short soak.
	sampleEvery, samplesAtLeast = 30 * time.Second, 12
	// settled is the part of a soak after which memory is expected not to grow.
	settled = 0.25
)

// Soaked is what came out of a soak.
type Soaked struct {
	Length time.Duration
	// Sent and Failed are requests.
	Sent, Failed int64
	curve        line // of MB by hours, after the first quarter
}

// Soak sends so many requests per second for a time, 70 % of them writing metrics, and tells what memory does.
func Soak(ctx context.Context, s *subject.Server, length time.Duration, rate int, out io.Writer) (Soaked, error) {
	run, err := createRun(ctx, s.Load)
	if err != nil {
		return Soaked{}, err
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
	soaked := Soaked{Length: length}
	curve := &soaked.curve
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
			mb, err := memory(s)
			if err != nil {
				return soaked, err
			}
			at := time.Since(began)
			fmt.Fprintf(out, "%5.1f min  %6.1f MB  %d requests, %d failed\n", at.Minutes(), mb, sent.Load(), failed.Load())
			if at >= time.Duration(settled*float64(length)) {
				curve.add(at.Hours(), mb)
			}
		}
	}
	close(requests)
	work.Wait()
	soaked.Sent, soaked.Failed = sent.Load(), failed.Load()
	fmt.Fprintf(out, "%v: %d requests, %d failed; after the first quarter %.1f MB on average, slope %+.1f MB per hour (± %.1f)\n",
		length, soaked.Sent, soaked.Failed, curve.mean(), curve.slope(), curve.error())
	if outer.Err() != nil {
		return soaked, context.Cause(outer)
	}
	return soaked, nil
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

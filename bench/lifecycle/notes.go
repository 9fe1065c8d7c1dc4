package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"mlflow-server/bench/load"
)

// notes are the writes that were acknowledged.
type notes struct {
	mu                       sync.Mutex
	metrics                  map[string][]int    // run -> steps
	pairs                    map[string][]string // run -> names, each of which is a param or a tag
	artifacts                map[string]string   // path -> content
	acknowledged, unanswered int
}

func (n *notes) take(err error, note func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil {
		n.unanswered++
		return
	}
	n.acknowledged++
	note()
}

// missing lists what was acknowledged and is not there.
func (n *notes) missing(ctx context.Context, s load.Server) (lost []string, err error) {
	for _, run := range slices.Sorted(maps.Keys(n.metrics)) {
		text, err := get(ctx, s, "/api/2.0/mlflow/metrics/get-history?metric_key=m&run_id="+run)
		if err != nil {
			lost = append(lost, fmt.Sprintf("run %s: %v", run, err))
			continue
		}
		var history struct {
			Metrics []struct {
				Step json.Number `json:"step"`
			} `json:"metrics"`
		}
		if err := json.Unmarshal([]byte(text), &history); err != nil {
			return lost, fmt.Errorf("reading the history of run %s: %w", run, err)
		}
		there := map[string]bool{}
		for _, m := range history.Metrics {
			there[m.Step.String()] = true
		}
		for _, step := range n.metrics[run] {
			if !there[fmt.Sprint(step)] {
				lost = append(lost, fmt.Sprintf("metric at step %d of run %s", step, run))
			}
		}
	}
	for run, names := range n.pairs {
		text, err := get(ctx, s, "/api/2.0/mlflow/runs/get?run_id="+run)
		if err != nil {
			lost = append(lost, fmt.Sprintf("run %s: %v", run, err))
			continue
		}
		for _, name := range names {
			if !strings.Contains(text, fmt.Sprintf(`"key": %q`, name)) {
				lost = append(lost, fmt.Sprintf("%s of run %s", name, run))
			}
		}
	}
	for path, content := range n.artifacts {
		text, err := get(ctx, s, "/api/2.0/mlflow-artifacts/artifacts/"+path)
		if err != nil || text != content {
			lost = append(lost, fmt.Sprintf("artifact %s: %v", path, err))
		}
	}
	return lost, nil
}

// get asks until the server, which may still be starting again after the last kill, has an answer.
func get(ctx context.Context, s load.Server, path string) (text string, err error) {
	for began := time.Now(); time.Since(began) < recoveryLimit; time.Sleep(100 * time.Millisecond) {
		text, err = load.Do(ctx, s, load.Request{Method: "GET", Path: path})
		if err == nil || strings.Contains(err.Error(), ": 404 ") {
			break
		}
	}
	return text, err
}

package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mlflow-server/bench/load"
)

// mix is what a team of clients and a browser send, the i-th request of it. It works on runs that prepareMix has made.
type mix struct {
	experiment string
	runs       []string
	began      int64 // milliseconds since 1970
}

// prepareMix makes an experiment and some runs on the server.
func prepareMix(ctx context.Context, s load.Server, runs int) (mix, error) {
	m := mix{began: time.Now().UnixMilli()}
	var experiment struct {
		ID string `json:"experiment_id"`
	}
	text, err := load.Do(ctx, s, post("experiments/create", `{"name": "mix %d"}`, time.Now().UnixNano()))
	if err == nil {
		err = json.Unmarshal([]byte(text), &experiment)
	}
	if err != nil {
		return m, fmt.Errorf("making an experiment: %w", err)
	}
	m.experiment = experiment.ID
	for range runs {
		run, err := createRun(ctx, s, m.experiment, m.began)
		if err != nil {
			return m, err
		}
		m.runs = append(m.runs, run)
	}
	return m, nil
}

// createRun makes a run, which began at so many milliseconds since 1970, and returns its ID.
func createRun(ctx context.Context, s load.Server, experiment string, began int64) (string, error) {
	var answer struct {
		Run struct {
			Info struct {
				ID string `json:"run_id"`
			} `json:"info"`
		} `json:"run"`
	}
	text, err := load.Do(ctx, s, post("runs/create", `{"experiment_id": %q, "start_time": %d}`, experiment, began))
	if err == nil {
		err = json.Unmarshal([]byte(text), &answer)
	}
	if err != nil {
		return "", fmt.Errorf("making a run: %w", err)
	}
	return answer.Run.Info.ID, nil
}

// request makes the i-th request: of twenty, twelve read and eight write.
func (m mix) request(i int) load.Request {
	run := m.run(i)
	artifact := "/api/2.0/mlflow-artifacts/artifacts/" + m.experiment + "/" + run + "/artifacts/notes.txt"
	switch i % 20 {
	case 0: // first, so that every run that is read from has it
		return load.Request{Method: "PUT", Path: artifact, Body: strings.Repeat("0123456789abcdef", 1024)}
	case 1, 2, 3, 4, 5:
		return m.logMetric(i)
	case 6:
		return m.logBatch(i)
	case 7:
		return post("runs/set-tag", `{"run_id": %q, "key": "tag-%d", "value": "%d"}`, run, i, i)
	case 8, 9, 10, 11:
		return m.getRun(i)
	case 12, 13, 14:
		return m.searchRuns(i)
	case 15, 16:
		return search(i)
	case 17:
		return get("/api/2.0/mlflow/metrics/get-history?metric_key=loss&run_id=" + run)
	case 18:
		return get("/api/2.0/mlflow/artifacts/list?run_id=" + run)
	default:
		return get("/")
	}
}

// training makes the i-th request of training jobs that a few people look at: of ten, seven write metrics.
func (m mix) training(i int) load.Request {
	switch i % 10 {
	case 0, 1, 2, 3, 4:
		return m.logMetric(i)
	case 5, 6:
		return post("runs/log-batch", `{"run_id": %q, "metrics": [%s]}`, m.run(i), m.metrics(i, 20))
	case 7:
		return m.searchRuns(i)
	case 8:
		return search(i)
	default:
		return m.getRun(i)
	}
}

func (m mix) run(i int) string { return m.runs[i%len(m.runs)] }

func (m mix) logMetric(i int) load.Request {
	return post("runs/log-metric", `{"run_id": %q, "key": "loss", "value": %d, "timestamp": %d, "step": %d}`, m.run(i), i, m.began+int64(i), i)
}

func (m mix) logBatch(i int) load.Request {
	return post("runs/log-batch", `{"run_id": %q, "metrics": [%s]}`, m.run(i), m.metrics(i, 100))
}

func (m mix) getRun(i int) load.Request { return get("/api/2.0/mlflow/runs/get?run_id=" + m.run(i)) }

func (m mix) searchRuns(int) load.Request {
	return post("runs/search", `{"experiment_ids": [%q], "max_results": 50, "order_by": ["attributes.start_time DESC"]}`, m.experiment)
}

func get(path string) load.Request { return load.Request{Method: "GET", Path: path} }

func post(path, format string, values ...any) load.Request {
	return load.Request{Method: "POST", Path: "/api/2.0/mlflow/" + path, Body: fmt.Sprintf(format, values...)}
}

// metrics are one step of so many metrics, for one batch.
func (m mix) metrics(step, many int) string {
	var all []string
	for n := range many {
		all = append(all, fmt.Sprintf(`{"key": "metric-%d", "value": %d, "timestamp": %d, "step": %d}`, n, n, m.began+int64(step), step))
	}
	return strings.Join(all, ",")
}

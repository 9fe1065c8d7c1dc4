package fasttrack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"

	"mlflow-server/bench/load"
)

// client makes one server's requests. No write is a repetition of another one.
type client struct {
	experiment string   // of the runs that are written to,
	searched   string   // and of those that are read
	runs       []string // that get metrics and tags
	params     []string // that get params, of which there are ever more, and a search would return all
	read       []string // that keep what they have: twenty metrics, ten params and five tags each, one metric with a history
	at         atomic.Int64
}

const (
	runs  = 16
	began = 1_700_000_000_000 // a time, in milliseconds since 1970
	// history is how many values the metric "history" has in the runs that are read.
	history = 1000
)

func call(path, format string, values ...any) load.Request {
	return load.Request{Method: "POST", Path: "/api/2.0/mlflow/" + path, Body: fmt.Sprintf(format, values...)}
}

func get(path string) load.Request {
	return load.Request{Method: "GET", Path: "/api/2.0/mlflow/" + path}
}

// prepare makes an experiment and runs on the server.
func prepare(ctx context.Context, s load.Server, name string) (*client, error) {
	c := &client{}
	do := func(r load.Request, answer any) error {
		text, err := load.Do(ctx, s, r)
		if err == nil && answer != nil {
			err = json.Unmarshal([]byte(text), answer)
		}
		if err != nil {
			return fmt.Errorf("filling the database: %w", err)
		}
		return nil
	}
	experiment := func(name string) (string, error) {
		var made struct {
			ID string `json:"experiment_id"`
		}
		err := do(call("experiments/create", `{"name": %q}`, name), &made)
		return made.ID, err
	}
	create := func(experiment string, n int) (all []string, err error) {
		for range n {
			var made struct {
				Run struct {
					Info struct {
						ID string `json:"run_id"`
					} `json:"info"`
				} `json:"run"`
			}
			if err := do(createRun(experiment, int(c.at.Add(1))), &made); err != nil {
				return nil, err
			}
			all = append(all, made.Run.Info.ID)
		}
		return all, nil
	}
	var err error
	if c.experiment, err = experiment(name); err != nil {
		return nil, err
	}
	if c.searched, err = experiment(name + ", read"); err != nil {
		return nil, err
	}
	for _, group := range []struct {
		runs       *[]string
		experiment string
	}{{&c.runs, c.experiment}, {&c.params, c.experiment}, {&c.read, c.searched}} {
		if *group.runs, err = create(group.experiment, runs); err != nil {
			return nil, err
		}
	}
	for _, run := range c.read {
		for _, r := range contents(run) {
			if err := do(r, nil); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// contents are the calls that fill a run that is read.
func contents(run string) []load.Request {
	var values, params, tags []string
	for n := range history {
		values = append(values, metric("history", n))
	}
	latest := []string{}
	for n := range 20 {
		latest = append(latest, metric(fmt.Sprintf("metric-%d", n), n))
	}
	for n := range 10 {
		params = append(params, fmt.Sprintf(`{"key": "param-%d", "value": "0.00%d"}`, n, n))
	}
	for n := range 5 {
		tags = append(tags, fmt.Sprintf(`{"key": "tag-%d", "value": "value %d"}`, n, n))
	}
	list := func(all []string) string { return strings.Join(all, ",") }
	return []load.Request{
		call("runs/log-batch", `{"run_id": %q, "metrics": [%s]}`, run, list(values)),
		call("runs/log-batch", `{"run_id": %q, "metrics": [%s], "params": [%s], "tags": [%s]}`, run, list(latest), list(params), list(tags)),
	}
}

func metric(key string, step int) string {
	return fmt.Sprintf(`{"key": %q, "value": %d.5, "timestamp": %d, "step": %d}`, key, step%1000, began+step, step)
}

// next is a number that no other request of this client has.
func (c *client) next() int { return int(c.at.Add(1)) }

func (c *client) run(n int) string { return c.runs[n%len(c.runs)] }

func (c *client) logMetric() load.Request {
	n := c.next()
	return call("runs/log-metric", `{"run_id": %q, "key": "loss", "value": %d.5, "timestamp": %d, "step": %d}`, c.run(n), n%1000, began+n, n)
}

// batch logs one step of so many metrics.
func batch(size int) func(*client) load.Request {
	return func(c *client) load.Request {
		n := c.next()
		var metrics strings.Builder
		for i := range size {
			if i > 0 {
				metrics.WriteByte(',')
			}
			metrics.WriteString(metric(fmt.Sprintf("metric-%d", i), n))
		}
		return call("runs/log-batch", `{"run_id": %q, "metrics": [%s]}`, c.run(n), metrics.String())
	}
}

func (c *client) logParameter() load.Request {
	n := c.next()
	return call("runs/log-parameter", `{"run_id": %q, "key": "p%d", "value": "%d"}`, c.params[n%runs], n, n)
}

func (c *client) setTag() load.Request {
	n := c.next()
	return call("runs/set-tag", `{"run_id": %q, "key": "tag-%d", "value": "%d"}`, c.run(n), n%50, n)
}

func (c *client) update() load.Request {
	n := c.next()
	return call("runs/update", `{"run_id": %q, "status": "FINISHED", "end_time": %d}`, c.read[n%runs], began+n)
}

func (c *client) createRun() load.Request { return createRun(c.experiment, c.next()) }

func createRun(experiment string, n int) load.Request {
	return call("runs/create", `{"experiment_id": %q, "user_id": "bench", "run_name": "run %d", "start_time": %d}`, experiment, n, began+n)
}

func (c *client) getRun() load.Request { return get("runs/get?run_id=" + c.read[c.next()%runs]) }

func (c *client) getHistory() load.Request {
	return get("metrics/get-history?metric_key=history&max_results=1000&run_id=" + c.read[c.next()%runs])
}

func (c *client) searchRuns() load.Request {
	return call("runs/search", `{"experiment_ids": [%q], "max_results": 20, "order_by": ["attributes.start_time DESC"]}`, c.searched)
}

func (c *client) searchExperiments() load.Request {
	return call("experiments/search", `{"max_results": 20}`)
}

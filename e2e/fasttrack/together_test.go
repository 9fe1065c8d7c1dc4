package fasttrack

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"mlflow-server/e2e/harness"
)

// TestManyWritersToOneRunLeaveTheSameRows compares sets: in which order their calls arrive is chance. Each has params and
// tags of its own and writes the same metrics as all others, so that every one of them is a repetition somewhere. Behind
// PgBouncer each transaction meets another connection.
func TestManyWritersToOneRunLeaveTheSameRows(t *testing.T) {
	plain := startSide(t, "false")
	createOn(t, 1, plain)
	writeTogether(t, plain)
	behind := harness.Postgres(t)
	for name, native := range map[string]*side{
		"directly": startSide(t, "true"), "through PgBouncer": startOn(t, "true", behind, harness.PgBouncer(t, behind)),
	} {
		t.Run(name, func(t *testing.T) {
			createOn(t, 1, native)
			writeTogether(t, native)
			sameRows(t, plain, native)
			if answered, _ := native.counts(t); answered["runs/log-batch"] < writers || answered["runs/log-metric"] < writers {
				t.Errorf("only %v were answered natively", answered)
			}
			native.isOn(t)
		})
	}
}

const writers = 16

func writeTogether(t *testing.T, s *side) {
	t.Helper()
	rounds := harness.Times(6, 60)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for n := range rounds {
				for _, c := range writing(w, n) {
					a, err := s.try(t.Context(), c)
					if err != nil || a.Status != http.StatusOK {
						t.Errorf("%s %.300s: %d %.500s %v", c.path, c.body, a.Status, a.Body, err)
						return
					}
				}
			}
		})
	}
	all.Wait()
}

// writing are the calls of one writer in one round.
func writing(w, n int) []call {
	metric := func(key string, step int) string {
		return fmt.Sprintf(`"key": %q, "value": %d, "timestamp": %d, "step": %d`, key, step%5, 1_700_000_000_000+step, step)
	}
	var batch []string
	for i := range 20 {
		batch = append(batch, "{"+metric(fmt.Sprintf("b%d", (i*7+w)%20), n)+"}") // in another order for each writer
	}
	return []call{
		{method: "POST", path: "runs/log-metric", body: `{"run_id": "{run:0}", ` + metric("shared", n*writersStep+w) + `}`},
		{method: "POST", path: "runs/log-metric", body: `{"run_id": "{run:0}", ` + metric("repeated", n) + `}`},
		{method: "POST", path: "runs/log-batch", body: `{"run_id": "{run:0}", "metrics": [` + strings.Join(batch, ", ") + `]}`},
		{method: "POST", path: "runs/log-parameter", body: fmt.Sprintf(`{"run_id": "{run:0}", "key": "q%d", "value": "v"}`, w)},
		{method: "GET", path: "metrics/get-history?run_id={run:0}&metric_key=repeated"},
		{method: "POST", path: "runs/set-tag", body: fmt.Sprintf(`{"run_id": "{run:0}", "key": "u%d", "value": "v"}`, w)},
		{method: "GET", path: "runs/get?run_id={run:0}"},
		{method: "POST", path: "runs/log-batch", body: fmt.Sprintf(`{"run_id": "{run:0}", "metrics": [{%s}], "params": [{"key": "p%d-%d", "value": "v"}], `+
			`"tags": [{"key": "t%d", "value": "%d"}]}`, metric("mixed", n), w, n, w, n)},
	}
}

// writersStep keeps the steps of different writers apart.
const writersStep = 100

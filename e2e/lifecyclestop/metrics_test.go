package lifecyclestop

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"mlflow-server/e2e/harness"
)

// metrics are what clients log for a run, and how much of it was acknowledged.
type metrics struct {
	run string

	mu    sync.Mutex
	acked map[string]int // steps by key, from 0
}

func (m *metrics) log(c *client) error {
	return m.send(c, "runs/log-metric", `{"run_id": %q, "key": %q, "value": 1, "timestamp": 1, "step": %d}`)
}

func (m *metrics) logBatch(c *client) error {
	return m.send(c, "runs/log-batch", `{"run_id": %q, "metrics": [{"key": %q, "value": 1, "timestamp": 1, "step": %d}]}`)
}

// send logs a client's next step.
func (m *metrics) send(c *client, call, form string) error {
	key := fmt.Sprintf("client %d", c.n)
	m.mu.Lock()
	step := m.acked[key]
	m.mu.Unlock()
	if err := c.send(http.MethodPost, "/api/2.0/mlflow/"+call, fmt.Sprintf(form, m.run, key, step)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.acked == nil {
		m.acked = map[string]int{}
	}
	m.acked[key]++
	return nil
}

// check looks for everything that was acknowledged. What the stop has left unanswered may be there as well.
func (m *metrics) check(t *testing.T, d harness.Database) {
	t.Helper()
	db := harness.OpenPostgres(t, d)
	if len(m.acked) == 0 {
		t.Error("no metric was logged")
	}
	for key, acked := range m.acked {
		var found int
		err := db.QueryRowContext(t.Context(), "SELECT count(DISTINCT step) FROM metrics WHERE run_uuid = $1 AND key = $2 AND step < $3",
			m.run, key, acked).Scan(&found)
		if err != nil || found != acked {
			t.Errorf("%s: %d of %d acknowledged steps are in the database (%v)", key, found, acked, err)
		}
	}
}

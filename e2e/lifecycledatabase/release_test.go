package lifecycledatabase

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlflow-server/bench/process"
	"mlflow-server/e2e/harness"
)

// While a release brings a newer schema, the dynos of the old one go on, and end when all of MLflow has to be started again.
// There is no newer MLflow than the locked one to bring it: what most of its revisions do, a column more, stands for that.
func TestAnOldServerGoesOnServingOnANewerSchemaAndStartsNoMoreOnIt(t *testing.T) {
	t.Parallel()
	database := harness.Postgres(t)
	s := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": database.URL("postgresql"), "WEB_CONCURRENCY": "2"}})
	s.WaitLog(`msg="native tracking" is=on`)
	run := createRun(t, s)
	db := harness.OpenPostgres(t, database)
	for _, change := range []string{
		"ALTER TABLE runs ADD COLUMN from_the_future VARCHAR(9)", "ALTER TABLE metrics ADD COLUMN from_the_future INTEGER DEFAULT 7 NOT NULL",
		"UPDATE alembic_version SET version_num = 'ffffffffffff'",
	} {
		if _, err := db.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	works := func(when string) {
		t.Helper()
		for path, body := range map[string]string{
			"runs/log-metric":    fmt.Sprintf(`{"run_id": %q, "key": "m", "value": 1, "timestamp": 1}`, run),
			"runs/log-batch":     fmt.Sprintf(`{"run_id": %q, "metrics": [{"key": "b", "value": 1, "timestamp": 1, "step": 1}], "beside": 1}`, run), // MLflow's
			"runs/create":        `{"experiment_id": "0"}`,
			"runs/search":        `{"experiment_ids": ["0"]}`,
			"experiments/search": `{"max_results": 5}`,
		} {
			if got := s.Request(t, http.MethodPost, "/api/2.0/mlflow/"+path, strings.NewReader(body), asJSON); got.Status != http.StatusOK {
				t.Errorf("%s, %s: %d %s", when, path, got.Status, got.Body)
			}
		}
	}
	works("after the upgrade")

	before := workers(t, s)
	if err := syscall.Kill(before[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if now := workers(t, s); len(now) == 2 && now[0] != before[0] {
			break
		}
		if time.Since(began) > 3*time.Minute {
			t.Fatal("no successor is ready within three minutes")
		}
	}
	for range 10 { // so that both have some
		works("after a worker's death")
	}

	tree, err := process.Tree(s.Pid())
	if err != nil || len(tree) < 2 {
		t.Fatalf("%d processes: %v", len(tree), err)
	}
	if err := syscall.Kill(tree[1].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := s.WaitExit(2 * time.Minute); code != 1 || !strings.Contains(s.Log(), "ffffffffffff") {
		t.Errorf("exit code %d, and the log does not name the newer revision", code)
	}
}

// workers are the process numbers of those that are ready, by index.
func workers(t *testing.T, s *harness.Instance) (ready []int) {
	t.Helper()
	var now struct {
		Workers []struct {
			PID   int
			Ready bool
		}
	}
	answer := s.Request(t, http.MethodGet, "/-/status", nil, nil)
	if err := json.Unmarshal([]byte(answer.Body), &now); answer.Status != http.StatusOK || err != nil {
		t.Fatalf("%d %s (%v)", answer.Status, answer.Body, err)
	}
	for _, w := range now.Workers {
		if w.Ready {
			ready = append(ready, w.PID)
		}
	}
	return ready
}

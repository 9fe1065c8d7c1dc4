package lifecycledatabase

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

func TestNothingAsksTheDatabaseWhileNobodyAsksTheServer(t *testing.T) {
	t.Parallel()
	database := harness.Postgres(t)
	s := harness.Start(t, harness.Options{Env: map[string]string{
		"MLFLOW_BACKEND_URI": database.URL("postgresql"), "WEB_CONCURRENCY": "2", "MLFLOW_DB_IDLE_SECONDS": "2",
	}})
	// From another database, so that the questions themselves do not count.
	beside := database
	beside.Name = "postgres"
	db := harness.OpenPostgres(t, beside)
	count := func(statement string) (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), statement, database.Name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	open := func() int {
		return count("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = $1")
	}
	made := func() int { return count("SELECT sessions FROM pg_stat_database WHERE datname = $1") }

	s.WaitLog(`msg="native tracking" is=on`)
	run := createRun(t, s)
	logged := s.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/log-metric",
		strings.NewReader(fmt.Sprintf(`{"run_id": %q, "key": "m", "value": 1, "timestamp": 1}`, run)), asJSON)
	searched := s.Request(t, http.MethodPost, "/api/2.0/mlflow/experiments/search", strings.NewReader(`{"max_results": 1}`), asJSON)
	if logged.Status != http.StatusOK || searched.Status != http.StatusOK {
		t.Fatalf("%d %d", logged.Status, searched.Status)
	}
	connects(t, s, open)
	for began := time.Now(); open() > 0; time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("%d connections are still open", open())
		}
	}
	time.Sleep(2 * time.Second) // sessions that have ended are counted a moment later
	before := made()
	if before == 0 {
		t.Fatal("no session was counted")
	}
	time.Sleep(66 * time.Second) // more than a minute, which is as often as MLflow's own scheduler would ask
	if after := made(); after != before || open() != 0 {
		t.Errorf("%d sessions began and %d are open while nobody asked", after-before, open())
	}
	// It is still awake, and a session is seen when there is one.
	connects(t, s, open)
}

// connects asks until a connection is seen: one that stood idle while this test did is closed already.
func connects(t *testing.T, s *harness.Instance, open func() int) {
	t.Helper()
	for range 10 {
		if a := s.Request(t, http.MethodPost, "/api/2.0/mlflow/experiments/search", strings.NewReader(`{"max_results": 1}`), asJSON); a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		if open() > 0 {
			return
		}
	}
	t.Fatal("no connection is open after any of ten calls")
}

// createRun returns the id of a new run.
func createRun(t *testing.T, s *harness.Instance) string {
	t.Helper()
	created := s.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/create", strings.NewReader(`{"experiment_id": "0"}`), asJSON)
	_, id, _ := strings.Cut(created.Body, `"run_id"`)
	parts := strings.SplitN(id, `"`, 3)
	if created.Status != http.StatusOK || len(parts) < 3 {
		t.Fatalf("%d %s", created.Status, created.Body)
	}
	return parts[1]
}

func asJSON(r *http.Request) { r.Header.Set("Content-Type", "application/json") }

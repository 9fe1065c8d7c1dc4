package lifecycledatabase

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// wakes is how long Aurora Serverless may take after a pause.
const wakes = 45 * time.Second

func TestADatabaseThatWakesUpIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, native := range []string{"true", "false"} {
		t.Run("native tracking "+native, func(t *testing.T) {
			t.Parallel()
			database := harness.Postgres(t)
			p := startProxy(t, "127.0.0.1", fmt.Sprintf("%s:%d", database.Host, database.Port))
			database.Port = p.port()
			p.sleep(wakes)
			s := harness.Start(t, harness.Options{Env: map[string]string{
				"MLFLOW_BACKEND_URI": database.URL("postgresql"), "MLFLOW_DB_IDLE_SECONDS": "2", "MLFLOW_NATIVE_TRACKING": native,
			}})
			if !strings.Contains(s.Log(), "waiting for the database at") {
				t.Error("the log does not say what it waits for")
			}
			run := createRun(t, s)
			for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
				if open, _ := p.sessions(); open == 0 {
					break
				}
				if time.Since(began) > 2*time.Minute {
					t.Fatal("connections are still open")
				}
			}
			p.sleep(wakes)
			began := time.Now()
			logged := s.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/log-metric",
				strings.NewReader(fmt.Sprintf(`{"run_id": %q, "key": "m", "value": 1, "timestamp": 1}`, run)), asJSON)
			if took := time.Since(began); logged.Status != http.StatusOK || took < wakes {
				t.Errorf("the first call after the pause: %d %s after %v", logged.Status, logged.Body, took)
			}
			if _, woken := p.sessions(); woken != 2 {
				t.Errorf("it was woken %d times", woken)
			}
		})
	}
}

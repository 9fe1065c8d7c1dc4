package fasttrack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestRunsThatAreMadeNativelyHaveTheSignedInUserAsAuthor(t *testing.T) {
	database := harness.Postgres(t)
	s := startWith(t, database, database.Environment(map[string]string{
		"MLFLOW_NATIVE_TRACKING": "true", "MLFLOW_ARTIFACT_URI": t.TempDir(), "WEB_CONCURRENCY": "1", "MLFLOW_STAMP_USER": "true",
	}))
	s.WaitLog(`msg="native tracking" is=on`)
	a := s.send(t, call{method: "POST", path: "runs/create", body: `{"experiment_id": "0", "user_id": "alice", "run_name": "x", "start_time": 1,
		"tags": [{"key": "mlflow.user", "value": "alice"}]}`})
	var made struct {
		Run struct {
			Info struct {
				User string `json:"user_id"`
			}
			Data struct{ Tags []struct{ Key, Value string } }
		}
	}
	if err := json.Unmarshal([]byte(a.Body), &made); err != nil || made.Run.Info.User != s.User ||
		!slices.Contains(made.Run.Data.Tags, struct{ Key, Value string }{"mlflow.user", s.User}) || strings.Contains(a.Body, "alice") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if native, handed := s.counts(t); native["runs/create"] != 1 {
		t.Errorf("natively %v, handed on %v", native, handed)
	}
}

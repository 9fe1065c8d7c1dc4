package postgres_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// TestManyBatchesAtOnceDoNotWaitForEachOthersConnections: MLflow takes a second connection in the middle of each, and its pool gives
// up after 30 s when there is none.
func TestManyBatchesAtOnceDoNotWaitForEachOthersConnections(t *testing.T) {
	database := harness.Postgres(t)
	server := harness.Start(t, harness.Options{Env: database.Environment(map[string]string{
		"MLFLOW_NATIVE_TRACKING": "false", "WEB_CONCURRENCY": "2", "MLFLOW_ARTIFACT_URI": t.TempDir(), // with 20 connections, the default
	})})
	var runs []string
	for n := range 8 {
		made := post(t, server, "runs/create", fmt.Sprintf(`{"experiment_id": "0", "run_name": "r%d"}`, n))
		var answer struct {
			Run struct {
				Info struct {
					ID string `json:"run_id"`
				}
			}
		}
		if err := json.Unmarshal([]byte(made.Body), &answer); err != nil {
			t.Fatalf("%d %s", made.Status, made.Body)
		}
		runs = append(runs, answer.Run.Info.ID)
	}
	began := time.Now()
	var all sync.WaitGroup
	for n := range 64 {
		all.Go(func() {
			var metrics []string
			for m := range 100 {
				metrics = append(metrics, fmt.Sprintf(`{"key": "m%d", "value": 1, "timestamp": 1, "step": %d}`, m, n))
			}
			body := fmt.Sprintf(`{"run_id": %q, "metrics": [%s]}`, runs[n%len(runs)], strings.Join(metrics, ","))
			if a := post(t, server, "runs/log-batch", body); a.Status != http.StatusOK {
				t.Errorf("%d %.200s", a.Status, a.Body)
			}
		})
	}
	all.Wait()
	t.Logf("64 batches took %v", time.Since(began).Round(time.Millisecond))
}

func post(t *testing.T, server *harness.Instance, path, body string) harness.Answer {
	t.Helper()
	return server.Request(t, http.MethodPost, "/api/2.0/mlflow/"+path, strings.NewReader(body), func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
}

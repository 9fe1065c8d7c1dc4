package security_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// rows is everything that MLflow has written, but for when: its database and the files of its artifacts.
func rows(t *testing.T, s *harness.Instance) string {
	t.Helper()
	out, err := harness.PythonSource(t, harness.Client{}, `
import os, sqlite3, sys
print("\n".join(sqlite3.connect("file:" + sys.argv[1] + "/mlflow.db?mode=ro", uri=True).iterdump()))
for where, _, files in sorted(os.walk(sys.argv[1] + "/mlruns")):
    print(where, sorted((name, os.path.getsize(os.path.join(where, name))) for name in files))
`, s.Dir)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// write is a request that an editor may send.
type write struct{ method, path, body string }

// writes are requests of which each changes something when an editor sends it. RUN stands for a run's id.
var writes = []write{
	{"POST", "/api/2.0/mlflow/experiments/create", `{"name": "made"}`},
	{"POST", "/ajax-api/2.0/mlflow/experiments/set-experiment-tag", `{"experiment_id": "0", "key": "k", "value": "v"}`},
	{"POST", "/api/2.0/mlflow/runs/create", `{"experiment_id": "0", "start_time": 1}`},
	{"POST", "/ajax-api/2.0/mlflow/runs/log-metric", `{"run_id": "RUN", "key": "m", "value": 1, "timestamp": 1}`},
	{"POST", "/api/2.0/mlflow/runs/log-batch", `{"run_id": "RUN", "params": [{"key": "p", "value": "1"}]}`},
	{"POST", "/api/2.0/mlflow/runs/set-tag", `{"run_id": "RUN", "key": "k", "value": "v"}`},
	{"POST", "/api/2.0/mlflow/registered-models/create", `{"name": "made"}`},
	{"PATCH", "/api/2.0/mlflow/registered-models/update", `{"name": "made", "description": "d"}`},
	{"POST", "/api/2.0/mlflow/registered-models/set-tag", `{"name": "made", "key": "k", "value": "v"}`},
	{"DELETE", "/ajax-api/2.0/mlflow/registered-models/delete", `{"name": "made"}`},
	{"PUT", "/api/2.0/mlflow-artifacts/artifacts/made.txt", `made`},
	{"DELETE", "/ajax-api/2.0/mlflow-artifacts/artifacts/made.txt", ``},
	{"POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=RUN&path=made.txt", `made`},
	{"POST", "/api/2.0/mlflow/logged-models", `{"experiment_id": "0", "name": "made"}`},
	{"POST", "/api/2.0/mlflow/runs/delete", `{"run_id": "RUN"}`},
}

// viewerWrites sends each of them in every spelling, and compares what MLflow has written.
func viewerWrites(t *testing.T, s *harness.Instance, c *connection) {
	run := newRun(t, s)
	before, sent := rows(t, s), 0
	for _, w := range writes {
		path, query, _ := strings.Cut(strings.ReplaceAll(w.path, "RUN", run), "?")
		for _, spelling := range mutations(path) {
			if query != "" && !strings.Contains(spelling, "?") {
				spelling += "?" + query
			}
			for _, extra := range []string{"X-Nothing: 0", "X-HTTP-Method-Override: GET"} {
				status := c.sendWith(t, w.method+" "+spelling, strings.ReplaceAll(w.body, "RUN", run), basic("vic", "looks"), extra)
				sent++
				if status < 400 {
					t.Errorf("%s %s: %d", w.method, spelling, status)
				}
			}
		}
	}
	if after := rows(t, s); after != before {
		t.Errorf("a viewer has changed something:\n%s", added(before, after))
	}
	t.Logf("%d requests of a viewer", sent)

	// The control: each of them as it is, by an editor, does change something.
	for _, w := range writes {
		line := w.method + " " + strings.ReplaceAll(w.path, "RUN", run)
		if status := c.sendWith(t, line, strings.ReplaceAll(w.body, "RUN", run), basic("ann", "right")); status != http.StatusOK {
			t.Errorf("%s by an editor: %d", line, status)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(s.Dir, "mlruns", "*", run, "artifacts", "made.txt")); len(files) != 1 {
		t.Errorf("an editor's file: %v", files)
	}
	if after := rows(t, s); strings.Count(added(before, after), "INSERT INTO") < 8 {
		t.Errorf("an editor has changed only:\n%s", added(before, after))
	}
}

func newRun(t *testing.T, s *harness.Instance) string {
	t.Helper()
	answer := s.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/create", strings.NewReader(`{"experiment_id": "0", "start_time": 1}`),
		func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
	var made struct {
		Run struct {
			Info struct {
				ID string `json:"run_id"`
			}
		}
	}
	if err := json.Unmarshal([]byte(answer.Body), &made); err != nil || made.Run.Info.ID == "" {
		t.Fatalf("making a run: %d %s (%v)", answer.Status, answer.Body, err)
	}
	return made.Run.Info.ID
}

// added are the lines of after that are not in before.
func added(before, after string) string {
	old := map[string]bool{}
	for line := range strings.Lines(before) {
		old[line] = true
	}
	var b strings.Builder
	for line := range strings.Lines(after) {
		if !old[line] {
			b.WriteString(line)
		}
	}
	return b.String()
}

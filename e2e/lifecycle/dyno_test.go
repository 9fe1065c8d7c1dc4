package lifecycle

import (
	"net/http"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestADynoWithoutADatabaseIsRefused(t *testing.T) {
	for _, command := range []string{"serve", "migrate"} {
		r := harness.RunToExit(t, harness.Options{Args: []string{command}, Env: map[string]string{"DYNO": "web.1"}})
		if r.Code != 2 || r.Listened || !strings.Contains(r.Stderr, "DATABASE_URL: is not set") ||
			!strings.Contains(r.Stderr, "heroku addons:create heroku-postgresql:essential-0") {
			t.Errorf("%s: exit code %d: %s", command, r.Code, r.Stderr)
		}
	}
}

func TestADynoWithoutABucketRefusesArtifactsOnly(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Options{Env: map[string]string{
		"DYNO": "web.1", "MLFLOW_FORCE_HTTPS": "false", "DATABASE_URL": harness.Postgres(t).URL("postgres") + "?sslmode=disable",
	}})
	path := "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/notes.txt"
	put := s.Request(t, http.MethodPut, path, strings.NewReader("lost tomorrow"), nil)
	if put.Status != http.StatusForbidden || !strings.Contains(put.Body, "MLFLOW_ARTIFACT_URI") {
		t.Errorf("%d %s", put.Status, put.Body)
	}
	if attach := s.Request(t, http.MethodPost, "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=run&path=notes.txt", strings.NewReader("lost tomorrow"), nil); attach.Status != http.StatusForbidden ||
		!strings.Contains(attach.Body, "MLFLOW_ARTIFACT_URI") {
		t.Errorf("a file from the UI: %d %s", attach.Status, attach.Body)
	}
	if list := s.Request(t, http.MethodGet, "/api/2.0/mlflow-artifacts/artifacts?path=0", nil, nil); list.Status != http.StatusOK {
		t.Errorf("reading: %d %s", list.Status, list.Body)
	}
	if create := s.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/create", strings.NewReader(`{"experiment_id": "0"}`), asJSON); create.Status != http.StatusOK {
		t.Errorf("a run: %d %s", create.Status, create.Body)
	}
}

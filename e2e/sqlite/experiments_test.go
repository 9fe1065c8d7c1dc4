package sqlite_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// create stores an experiment over REST: starting the Python client for it would take as long as starting the server.
func create(t *testing.T, server *harness.Instance, name string) {
	t.Helper()
	body := strings.NewReader(fmt.Sprintf(`{"name": %q}`, name))
	answer := server.Request(t, http.MethodPost, "/api/2.0/mlflow/experiments/create", body, func(r *http.Request) {
		r.Header.Set("Content-Type", "application/json")
	})
	if answer.Status != http.StatusOK {
		t.Errorf("creating %s: %d %s", name, answer.Status, answer.Body)
	}
}

// exists asks for an experiment; the status is 200 when it is there and 404 when it is not.
func exists(t *testing.T, server *harness.Instance, name string) int {
	t.Helper()
	return server.Request(t, http.MethodGet, "/api/2.0/mlflow/experiments/get-by-name?experiment_name="+url.QueryEscape(name), nil, nil).Status
}

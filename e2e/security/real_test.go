package security_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// sample are routes of each kind that MLflow has: its API under both names and versions, files, traces, pages, GraphQL.
var sample = []string{
	"/", "/version", "/graphql", "/v1/traces", "/get-artifact", "/model-versions/get-artifact", "/static-files/static/js/main.js",
	"/api/2.0/mlflow/experiments/search", "/ajax-api/2.0/mlflow/runs/create", "/api/2.0/mlflow/registered-models/create", "/api/3.0/mlflow/traces",
	"/ajax-api/3.0/jobs/x", "/ajax-api/2.0/mlflow/upload-artifact", "/api/2.0/mlflow-artifacts/artifacts/x", "/api/2.0/mlflow-artifacts/mpu/create/x",
	"/ajax-api/3.0/mlflow/assistant/config",
}

// real is the product before the real MLflow, whose access log is on, with everything open: an editor and a viewer.
func real(t *testing.T) *harness.Instance {
	t.Helper()
	s := harness.Start(t, harness.Options{Env: map[string]string{
		"MLFLOW_TRACKING_USERNAME": "ann,vic", "MLFLOW_TRACKING_PASSWORD": "right,looks", "MLFLOW_VIEWERS": "vic",
		"MLFLOW_OPEN_ROUTES": "assistant,gateway,users,webhooks,unknown", "MLFLOW_LOGGING_LEVEL": "DEBUG", "WEB_CONCURRENCY": "1",
		"MLFLOW_ALLOWED_HOSTS": "x,127.0.0.1",
	}})
	s.User, s.Password = "ann", "right"
	return s
}

// arrived are the lines of MLflow's access log, but for those of the launcher's own questions.
func arrived(s *harness.Instance) (lines []string) {
	for line := range strings.Lines(s.Log()) {
		if strings.Contains(line, "uvicorn.access") && !strings.Contains(line, `"GET /health HTTP`) && !strings.Contains(line, `"GET /api/3.0/mlflow/server-info HTTP`) {
			lines = append(lines, line)
		}
	}
	return lines
}

func basic(user, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// TestTheRealMLflowHearsNothingWithoutALogin is a sample of the sweep over all routes: what arrives is read from the
// access log of MLflow itself.
func TestTheRealMLflowHearsNothingWithoutALogin(t *testing.T) {
	s := real(t)
	c := &connection{address: strings.TrimPrefix(s.URL, "http://")}
	defer c.close()
	t.Run("without a login", func(t *testing.T) {
		before, sent := arrived(s), 0
		for _, path := range sample {
			for _, spelling := range mutations(path) {
				for _, method := range []string{"GET", "POST", "DELETE"} {
					if status := c.send(t, method+" "+spelling); status != http.StatusUnauthorized && status != http.StatusBadRequest && !healthIs(spelling, method, status) {
						t.Errorf("%s %s: %d", method, spelling, status)
					}
					sent++
				}
			}
		}
		// The control: with a login one line comes, after all that came before it.
		if status := c.send(t, "GET /version?control", basic("ann", "right")); status != http.StatusOK {
			t.Fatalf("with a login: %d", status)
		}
		s.WaitLog("/version?control HTTP")
		after := arrived(s)
		t.Logf("%d requests, %d reached MLflow", sent, len(after)-len(before)-1)
		if sent < 1000 || len(after) != len(before)+1 {
			t.Errorf("of %d requests without a login these reached MLflow: %s", sent, after[len(before):])
		}
	})
	t.Run("by a viewer who writes", func(t *testing.T) { viewerWrites(t, s, c) })
}

// healthIs is true for /health itself, which needs no login.
func healthIs(spelling, method string, status int) bool {
	path, _, _ := strings.Cut(spelling, "?")
	return path == "/health" && method == "GET" && status == http.StatusOK
}

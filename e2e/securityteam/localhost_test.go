package securityteam_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestNobodyLooksLikeLocalhostToMLflow opens the assistant, which answers only whoever is on MLflow's own machine, and
// comes from that machine: MLflow still takes nobody for local, whatever the request says of where it is from. (MLflow's
// own command line, which runs in its place where jobs are on, has such a test in e2e/tracking.)
func TestNobodyLooksLikeLocalhostToMLflow(t *testing.T) {
	s := startTeamWith(t, map[string]string{"MLFLOW_OPEN_ROUTES": "assistant", "MLFLOW_TRUSTED_PROXIES": "1"})
	for _, forged := range []http.Header{
		{},
		{"X-Forwarded-For": {"127.0.0.1"}},
		{"X-Forwarded-For": {"::1"}},
		{"X-Forwarded-For": {"localhost"}},
		{"X-Forwarded-For": {""}},
		{"X-Forwarded-For": {"203.0.113.9, 127.0.0.1"}},
		{"X-Forwarded-For": {"127.0.0.1", "127.0.0.1"}},
		{"X_Forwarded_For": {"127.0.0.1"}},
		{"Forwarded": {"for=127.0.0.1"}},
		{"X-Real-Ip": {"127.0.0.1"}},
		{"Connection": {"X-Forwarded-For"}},
		{"Connection": {"X-Forwarded-For"}, "X-Forwarded-For": {"127.0.0.1"}},
	} {
		for _, route := range []string{"PUT config", "POST message", "POST skills/install", "GET providers/claude_code/health", "GET sessions/x/stream"} {
			method, path, _ := strings.Cut(route, " ")
			answer := s.Request(t, method, "/ajax-api/3.0/mlflow/assistant/"+path, strings.NewReader("{}"), func(r *http.Request) {
				asJSON(r)
				for name, values := range forged {
					r.Header[name] = values
				}
			})
			if answer.Status != http.StatusForbidden || !strings.Contains(answer.Body, "only accessible from the same host") {
				t.Errorf("%s with %v: %d %s", route, forged, answer.Status, answer.Body)
			}
		}
	}
	if lines := s.arrived("/assistant/message HTTP"); len(lines) == 0 {
		t.Error("MLflow was not asked")
	}
}

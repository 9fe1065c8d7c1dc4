package securityteam_test

import (
	"net/http"
	"strings"
	"testing"
)

// hole is one way in that MLflow once had, or has.
type hole struct {
	name         string
	method, path string
	body         string
	change       func(*http.Request)
	status       int
}

func anonymous(r *http.Request) { r.Header.Del("Authorization") }

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

var holes = []hole{
	{name: "CVE-2026-0545 jobs without a login", method: "POST", path: "/ajax-api/3.0/jobs/", body: "{}", change: anonymous, status: 401},
	{name: "CVE-2026-0545 jobs that nobody switched on", method: "POST", path: "/ajax-api/3.0/jobs/", body: "{}", status: 403},
	{name: "CVE-2026-2652 traces without a login", method: "POST", path: "/v1/traces", body: "{}", change: anonymous, status: 401},
	{name: "CVE-2025-1473 sign-up from another site", method: "POST", path: "/signup", body: "username=x&password=y",
		change: header("Origin", "https://evil.example"), status: 403},
	{name: "CVE-2025-1473 sign-up at all", method: "GET", path: "/signup", status: 403},
	{name: "CVE-2023-6014 a user made by anybody", method: "POST", path: "/api/2.0/mlflow/users/create", body: `{"username":"x","password":"y"}`, change: anonymous, status: 401},
	{name: "CVE-2023-6014 a user made in MLflow", method: "POST", path: "/api/2.0/mlflow/users/create", body: `{"username":"x","password":"y"}`, status: 403},
	{name: "CVE-2026-2635 MLflow's default admin", method: "GET", path: "/version", change: func(r *http.Request) { r.SetBasicAuth("admin", "password1234") }, status: 401},
	{name: "CVE-2026-2635 MLflow's older default admin", method: "GET", path: "/version", change: func(r *http.Request) { r.SetBasicAuth("admin", "password") }, status: 401},
	{name: "CVE-2025-14279 a name that was pointed here", method: "POST", path: "/ajax-api/2.0/mlflow/experiments/create", body: `{"name":"x"}`,
		change: func(r *http.Request) { r.Host = "evil.example" }, status: 403},
	{name: "CVE-2025-14279 another site's request", method: "POST", path: "/ajax-api/2.0/mlflow/experiments/create", body: `{"name":"x"}`,
		change: header("Sec-Fetch-Site", "cross-site"), status: 403},
	{name: "CVE-2025-14279 another site's GraphQL by GET", method: "GET", path: "/graphql?query=x", change: header("Sec-Fetch-Site", "cross-site"), status: 403},
	{name: "CVE-2026-2611 the assistant from another site", method: "POST", path: "/ajax-api/3.0/mlflow/assistant/message", body: "{}",
		change: header("Origin", "null"), status: 403},
	{name: "CVE-2026-2611 the assistant for a user", method: "POST", path: "/ajax-api/3.0/mlflow/assistant/message", body: "{}", status: 403},
	{name: "CVE-2026-2611 the assistant's settings", method: "PUT", path: "/ajax-api/3.0/mlflow/assistant/config", body: "{}", status: 403},
	{name: "CVE-2026-2651 an upload in parts without a login", method: "POST", path: "/api/2.0/mlflow-artifacts/mpu/create/1/r/artifacts",
		body: `{"path":"model.pkl","num_parts":1}`, change: anonymous, status: 401},
	{name: "CVE-2026-2651 its end without a login", method: "POST", path: "/ajax-api/2.0/mlflow-artifacts/mpu/complete/1/r/artifacts",
		body: `{"path":"model.pkl","upload_id":"x","parts":[]}`, change: anonymous, status: 401},
	{name: "CVE-2026-2651 an upload in parts by somebody who may only read", method: "POST", path: "/api/2.0/mlflow-artifacts/mpu/complete/1/r/artifacts",
		body: `{"path":"model.pkl","upload_id":"x","parts":[]}`, change: func(r *http.Request) { r.SetBasicAuth("vic", vicsPassword) }, status: 403},
	{name: "CVE-2026-2393 a webhook to the inside", method: "POST", path: "/api/2.0/mlflow/webhooks", body: `{"name":"x","url":"http://169.254.169.254/","events":[]}`, status: 403},
	{name: "GHSA-wxj7-3fx5-pp9m the gateway's proxy to the inside", method: "GET", path: "/ajax-api/2.0/mlflow/gateway-proxy?gateway_path=x", status: 200},
	{name: "GHSA-wxj7-3fx5-pp9m the gateway's proxy by POST", method: "POST", path: "/ajax-api/2.0/mlflow/gateway-proxy", body: `{"gateway_path":"x"}`, status: 403},
	{name: "GHSA-wxj7-3fx5-pp9m the gateway", method: "POST", path: "/gateway/proxy/x/y", body: "{}", status: 403},
	{name: "dots in a path", method: "GET", path: "/api/2.0/mlflow-artifacts/artifacts/../../etc/passwd", status: 400},
	{name: "dots in disguise", method: "GET", path: "/api/2.0/mlflow-artifacts/artifacts/%2e%2e/%2e%2e/etc/passwd", status: 400},
	{name: "CVE-2024-1560 a deletion with dots encoded twice", method: "DELETE", path: "/api/2.0/mlflow-artifacts/artifacts/%252e%252e/x", status: 400},
	{name: "dots behind a semicolon", method: "GET", path: "/get-artifact;/%2e%2e/x", status: 400},
	{name: "encoded slashes", method: "GET", path: "/api/2.0/mlflow-artifacts/artifacts/..%2f..%2fetc/passwd", status: 400},
	{name: "backslashes", method: "PUT", path: "/api/2.0/mlflow-artifacts/artifacts/..%5cx", body: "x", status: 400},
	{name: "a page of FastAPI's own", method: "GET", path: "/docs", status: 404},
	{name: "a map of the inside", method: "GET", path: "/openapi.json", status: 404},
}

// closed sends what the hole was and checks that it ends at the gate.
func (s team) closed(t *testing.T, h hole) {
	marker := "hole-" + strings.Map(func(c rune) rune {
		if c == ' ' || c == '\'' {
			return '-'
		}
		return c
	}, h.name) + "."
	path := h.path + "?" + marker
	if strings.Contains(h.path, "?") {
		path = h.path + "&" + marker
	}
	answer := s.Request(t, h.method, path, strings.NewReader(h.body), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/json")
		if h.change != nil {
			h.change(r)
		}
	})
	if answer.Status != h.status {
		t.Errorf("%d, want %d: %s", answer.Status, h.status, answer.Body)
	}
	if lines := s.arrived(marker); len(lines) > 0 {
		t.Errorf("it reached MLflow: %s", lines)
	}
}

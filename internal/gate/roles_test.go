package gate

import (
	"strings"
	"testing"
)

func TestViewersReadAndDoNotWrite(t *testing.T) {
	r := start(t)
	viewer := basic("vic", vicsPassword)
	for _, c := range []struct {
		method, path string
		reads        bool
	}{
		{"GET", "/", true}, {"HEAD", "/static-files/x.js", true}, {"GET", "/api/2.0/mlflow/runs/get?run_id=1", true},
		{"POST", "/api/2.0/mlflow/runs/search", true}, {"POST", "/ajax-api/2.0/mlflow/experiments/search", true},
		{"POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", true}, {"POST", "/api/3.0/mlflow/traces/search", true},
		{"POST", "/api/3.0/mlflow/traces/metrics", true}, {"POST", "/api/3.0/mlflow/traces/batchGetInfos", true},
		{"POST", "/api/3.0/mlflow/traces/calculate-filter-correlation", true}, {"POST", "/api/2.0/mlflow/registered-models/get-latest-versions", true},
		{"POST", "/api/2.0/mlflow/logged-models/search", true}, {"POST", "/api/3.0/mlflow/datasets/search", true}, {"POST", "/api/3.0/mlflow/issues/search", true},
		{"POST", "/api/2.0/mlflow/artifacts/presigned-download-url", true}, {"POST", "/graphql", true}, {"GET", "/get-artifact?path=x", true},
		{"GET", "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/x", true}, {"GET", "/api/2.0/mlflow-artifacts/presigned/0/x", true}, {"GET", "/metrics", true},
		{"POST", "/api/2.0/mlflow/runs/create", false}, {"POST", "/api/2.0/mlflow/runs/search/", true}, {"POST", "/api/2.0/mlflow/runs/search/x", false},
		{"PUT", "/api/2.0/mlflow-artifacts/artifacts/0/x", false}, {"DELETE", "/api/2.0/mlflow-artifacts/artifacts/0/x", false},
		{"POST", "/api/2.0/mlflow-artifacts/mpu/create/0/x", false}, {"POST", "/ajax-api/2.0/mlflow/upload-artifact", false},
		{"POST", "/api/2.0/mlflow/artifacts/presigned-upload-url", false}, {"POST", "/api/3.0/mlflow/review-queues/get-or-create-user", false},
		{"PATCH", "/api/2.0/mlflow/registered-models/update", false}, {"DELETE", "/api/3.0/mlflow/traces/x/tags", false}, {"POST", "/v1/traces", false},
		{"PUT", "/graphql", false}, {"PATCH", "/api/2.0/mlflow/runs/search", false}, {"POST", "/", false}, {"PROPFIND", "/", false}, {"get", "/", false},
		{"POST", "/ajax-api/3.0/mlflow/demo/generate", false}, {"POST", "/api/2.0/mlflow/RUNS/search", false},
	} {
		before := len(r.mlflow.reached())
		resp := r.send(t, c.method, c.path, viewer)
		if passed := len(r.mlflow.reached()) > before; passed != c.reads {
			t.Errorf("%s %s: reached MLflow %v, %d", c.method, c.path, passed, resp.StatusCode)
		}
		if !c.reads && resp.StatusCode != 404 {
			if body := text(t, resp); resp.StatusCode != 403 || !strings.Contains(body, `"error_code":"PERMISSION_DENIED"`) || !strings.Contains(body, "may read on this server, not write") {
				t.Errorf("%s %s: %d %s", c.method, c.path, resp.StatusCode, body)
			}
		}
	}
}

func TestMLflowsInterfaceOffersChangesToThoseWhoMayMakeThem(t *testing.T) {
	r := start(t)
	for header, want := range map[string]string{signedIn: `"is_admin":true`, basic("vic", vicsPassword): `"is_admin":false`} {
		resp := r.send(t, "GET", whatMayIPath, header)
		if body := text(t, resp); resp.StatusCode != 200 || !strings.Contains(body, want) || !strings.Contains(body, `"permissions":[]`) {
			t.Errorf("%d %s instead of %s", resp.StatusCode, body, want)
		}
	}
	if len(r.mlflow.reached()) > 0 {
		t.Error("MLflow was asked, which has no such route")
	}
}

func TestPartsOfMLflowAreClosedUntilOpened(t *testing.T) {
	paths := map[string][]string{
		"assistant": {"/ajax-api/3.0/mlflow/assistant/message", "/api/3.0/mlflow/assistant"},
		"gateway":   {"/gateway/openai/v1/models", "/ajax-api/3.0/mlflow/gateway/secrets/list", "/api/2.0/mlflow/gateway-proxy", "/gateway"},
		"jobs": {"/ajax-api/3.0/jobs", "/ajax-api/3.0/jobs/search", "/ajax-api/3.0/mlflow/jobs/1", "/api/3.0/mlflow/prompt-optimization/jobs",
			"/ajax-api/3.0/mlflow/scorer/invoke", "/ajax-api/3.0/mlflow/genai/evaluate/invoke", "/ajax-api/3.0/mlflow/issues/invoke"},
		"users":    {"/signup", "/api/2.0/mlflow/users/create", "/ajax-api/2.0/mlflow/users/update-admin", "/api/3.0/mlflow/roles/assign"},
		"webhooks": {"/api/2.0/mlflow/webhooks", "/ajax-api/2.0/mlflow/webhooks/1/test"},
		"unknown":  {"/ajax-api/3.0/mlflow/brand-new", "/otel/x", "/api/4.0/mlflow/runs/search", "/API/2.0/mlflow/runs/search", "/docs", "/openapi.json", "/api/2.0", "/-x"},
	}
	for family, list := range paths {
		closed := start(t)
		open := start(t, func(o *Options) { o.OpenRoutes = []string{family} })
		for _, path := range list {
			resp := closed.send(t, "POST", path, signedIn)
			if family == "unknown" && resp.StatusCode != 404 || family != "unknown" && resp.StatusCode != 403 || !strings.Contains(text(t, resp), "MLFLOW_OPEN_ROUTES") {
				t.Errorf("%s: %d", path, resp.StatusCode)
			}
			if resp := open.send(t, "POST", path, signedIn); resp.StatusCode != 200 {
				t.Errorf("%s is not open with %s: %d", path, family, resp.StatusCode)
			}
		}
		if n := len(closed.mlflow.reached()); n != 0 {
			t.Errorf("%s: %d requests reached MLflow", family, n)
		}
	}
	if len(paths) != len(ClosedRoutes) {
		t.Errorf("%d families, %d words", len(paths), len(ClosedRoutes))
	}
}

func TestMLflowsPagesAskForClosedPartsWithoutAnError(t *testing.T) {
	r := start(t)
	for _, path := range []string{"/ajax-api/3.0/mlflow/assistant/config", "/ajax-api/3.0/mlflow/assistant/providers", "/ajax-api/2.0/mlflow/gateway-proxy"} {
		if resp := r.send(t, "GET", path, signedIn); resp.StatusCode != 200 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
		if resp := r.send(t, "POST", path, signedIn); resp.StatusCode != 403 {
			t.Errorf("POST %s: %d", path, resp.StatusCode)
		}
		if resp := r.send(t, "GET", path); resp.StatusCode != 401 {
			t.Errorf("%s without a login: %d", path, resp.StatusCode)
		}
	}
	if len(r.mlflow.reached()) != 0 {
		t.Error("MLflow was asked")
	}
}

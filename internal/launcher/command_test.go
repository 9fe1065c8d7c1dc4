package launcher

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
)

func TestACommandGetsTheServersData(t *testing.T) {
	c := &config.Config{Backend: config.Backend{URI: "sqlite:////data/mlflow.db"}, Artifacts: config.Artifacts{URI: "s3://bucket/x"}}
	r := provision.Runtime{Dir: "/runtime", Python: "/runtime/python/bin/python3", SitePackages: "/runtime/site-packages"}
	got := CommandEnviron(c, r, []string{"PATH=/usr/bin", "HOME=/home/ann", "MLFLOW_TRACKING_URI=http://elsewhere", "PYTHONPATH=/mine"})
	for _, want := range []string{
		"MLFLOW_BACKEND_STORE_URI=sqlite:////data/mlflow.db", "MLFLOW_TRACKING_URI=sqlite:////data/mlflow.db",
		"MLFLOW_ARTIFACTS_DESTINATION=s3://bucket/x", "HOME=/home/ann", "PYTHONPATH=/runtime/site-packages",
		"PATH=/runtime/bin:/runtime/python/bin:/usr/bin",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	names := map[string]bool{}
	for _, pair := range got {
		name, _, _ := strings.Cut(pair, "=")
		if names[name] {
			t.Errorf("%s is there twice", name)
		}
		names[name] = true
	}
}

func TestArtifactsThatWouldVanishAreRefusedAndReadingIsNot(t *testing.T) {
	path := "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/x"
	for method, refused := range map[string]bool{http.MethodPut: true, http.MethodDelete: true, http.MethodGet: false} {
		if got := (ephemeral{}).Serves(httptest.NewRequest(method, path, nil)); got != refused {
			t.Errorf("%s: %v", method, got)
		}
	}
	w := httptest.NewRecorder()
	ephemeral{}.ServeHTTP(w, httptest.NewRequest(http.MethodPut, path, nil))
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "PERMISSION_DENIED") || !strings.Contains(w.Body.String(), "MLFLOW_ARTIFACT_URI") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

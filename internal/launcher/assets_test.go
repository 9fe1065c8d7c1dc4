package launcher

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"mlflow-server/internal/assets"
	"mlflow-server/internal/provision"
)

func TestTheInterfaceOfAnotherMLflowIsMLflowsToSend(t *testing.T) {
	packages := t.TempDir()
	files := assets.SourceDir(packages)
	if err := os.MkdirAll(files, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(files, "index.html"), []byte("<!doctype html>"), 0o644); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	for _, locked := range []bool{true, false} {
		room := assets.New(func(http.ResponseWriter, *http.Request) { t.Error("MLflow was asked") }, log)
		openAssets(room, provision.Runtime{Dir: packages, SitePackages: packages, Locked: locked}, Options{Log: log})
		if serves := room.Serves(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)); serves != locked {
			t.Errorf("locked %v: served without MLflow: %v", locked, serves)
		}
	}
}

package provision_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"mlflow-server/e2e/harness"
)

// servePython serves one of this machine's own Pythons the way uv's are served, so that uv's real installation of a
// managed Python runs where its host cannot be reached. It returns the minor version and the address of the list.
func servePython(t *testing.T) (minor, downloads string) {
	t.Helper()
	python := harness.PackPython(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, python.Archive) }))
	t.Cleanup(server.Close)
	name := filepath.Join(t.TempDir(), "downloads.json")
	if err := os.WriteFile(name, python.Downloads(t, server.URL+"/python.tar.gz"), 0o644); err != nil {
		t.Fatal(err)
	}
	return python.Minor, "file://" + name
}

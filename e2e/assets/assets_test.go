package assets

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/assets"
)

func TestEveryFileOfTheUserInterfaceArrivesAsItIsWithoutMLflow(t *testing.T) {
	// MLflow's own access log is on, so that what reaches it is seen.
	server := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_LOGGING_LEVEL": "DEBUG"}})
	source := assets.SourceDir(harness.Runtime(t).SitePackages)
	files, sent, size, immutable := 0, 0, 0, 0
	err := filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		url := "/static-files/" + filepath.ToSlash(name)
		got := server.Request(t, http.MethodGet, url, nil, func(r *http.Request) { r.Header.Set("Accept-Encoding", "br") })
		body := got.Body
		if got.Header.Get("Content-Encoding") == "br" {
			plain, err := io.ReadAll(brotli.NewReader(strings.NewReader(body)))
			if err != nil {
				t.Errorf("%s: %v", url, err)
			}
			body = string(plain)
		}
		if got.Status != http.StatusOK || body != string(want) {
			t.Errorf("%s: status %d, %d bytes instead of %d", url, got.Status, len(body), len(want))
		}
		if strings.HasSuffix(name, ".js") && !strings.HasPrefix(got.Header.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s is %s", url, got.Header.Get("Content-Type"))
		}
		if strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			immutable++
		}
		files, sent, size = files+1, sent+len(got.Body), size+len(want)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 300 || sent*3 > size || immutable*10 < files*9 {
		t.Errorf("%d files, %d of them for ever, %d bytes sent for %d", files, immutable, sent, size)
	}
	// The one that is no file is MLflow's to refuse.
	missing := server.Request(t, http.MethodGet, "/static-files/missing.js", nil, nil)
	if missing.Status != http.StatusNotFound {
		t.Errorf("a file that is not there: %d", missing.Status)
	}
	server.WaitLog("/static-files/missing.js HTTP") // in MLflow's log
	for line := range strings.Lines(server.Log()) {
		if strings.Contains(line, "mlflow | ") && strings.Contains(line, "/static-files/") && !strings.Contains(line, "missing.js") {
			t.Errorf("MLflow was asked: %s", line)
		}
	}
	outsider := server.As("", "").Request(t, http.MethodGet, "/static-files/favicon.ico", nil, func(r *http.Request) { r.Header.Del("Authorization") })
	if outsider.Status != http.StatusUnauthorized {
		t.Errorf("somebody without a login gets %d", outsider.Status)
	}
	page := server.Request(t, http.MethodGet, "/", nil, nil)
	again := server.Request(t, http.MethodGet, "/", nil, func(r *http.Request) { r.Header.Set("If-None-Match", page.Header.Get("Etag")) })
	if page.Header.Get("Cache-Control") != "private, no-cache" || again.Status != http.StatusNotModified || again.Body != "" {
		t.Errorf("the first page: %v, then %d", page.Header, again.Status)
	}
}

func TestTheClientReadsCompressedAnswers(t *testing.T) {
	server := harness.Start(t, harness.Options{})
	out, err := harness.PythonSource(t, server.Client, `
import mlflow, requests, os
client = mlflow.MlflowClient()
for n in range(40):
    client.create_experiment(f"experiment {n} – größe")
assert len(client.search_experiments(max_results=100)) == 41
url, login = os.environ["MLFLOW_TRACKING_URI"], (os.environ["MLFLOW_TRACKING_USERNAME"].encode(), os.environ["MLFLOW_TRACKING_PASSWORD"].encode())
answer = requests.post(url + "/api/2.0/mlflow/experiments/search", json={"max_results": 100}, auth=login)
assert answer.headers["Content-Encoding"] == "gzip" and len(answer.json()["experiments"]) == 41, answer.headers
plain = requests.post(url + "/api/2.0/mlflow/experiments/search", json={"max_results": 100}, auth=login, headers={"Accept-Encoding": "identity"})
assert "Content-Encoding" not in plain.headers and plain.json() == answer.json(), plain.headers
`)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

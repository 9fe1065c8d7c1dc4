package artifacts

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/internal/config"
	"mlflow-server/internal/gate"
	"mlflow-server/internal/gate/gatetest"
)

// fakeMLflow knows one run, and answers everything else with its name.
type fakeMLflow struct {
	mu    sync.Mutex
	asked []string
}

func (f *fakeMLflow) Phase() (bool, string) { return true, "" }

func (f *fakeMLflow) Ready() bool { return true }

func (f *fakeMLflow) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.asked = append(f.asked, r.URL.Path)
	f.mu.Unlock()
	answer := &http.Response{StatusCode: 404, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, ContentLength: -1}
	body := "from MLflow"
	switch {
	case r.URL.Path == "/api/2.0/mlflow/runs/get" && r.URL.Query().Get("run_id") == "r1":
		answer.StatusCode, body = 200, `{"run":{"info":{"artifact_uri":"mlflow-artifacts:/1/r1/artifacts"}}}`
	case r.URL.Path == "/api/2.0/mlflow/runs/get" && r.URL.Query().Get("run_id") == "r2":
		answer.StatusCode, body = 200, `{"run":{"info":{"artifact_uri":"s3://elsewhere/1"}}}`
	case strings.HasSuffix(r.URL.Path, "/get-download-uri"):
		answer.StatusCode, body = 200, `{"artifact_uri":"http://host/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts"}`
	}
	answer.Body = io.NopCloser(strings.NewReader(body))
	return answer, nil
}

// team lets everybody in, and vic only look.
type team struct{ gatetest.Everybody }

func (team) Viewer(name string) bool { return name == "vic" }

type rig struct {
	*httptest.Server
	room   *Room
	mlflow *fakeMLflow
	dir    string
	log    *strings.Builder
}

func start(t *testing.T, service config.ArtifactService) rig {
	t.Helper()
	service.MaxTransfers = max(service.MaxTransfers, 4)
	r := rig{mlflow: &fakeMLflow{}, dir: filepath.Join(t.TempDir(), "a"), log: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(r.log, nil))
	room, err := New(Options{Artifacts: config.Artifacts{Kind: config.Directory, Path: r.dir}, Service: service, MLflow: r.mlflow, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	r.room = room
	quiet := slog.New(slog.DiscardHandler)
	r.Server = httptest.NewServer(gate.New(gate.Options{Users: team{}, Upstream: r.mlflow, Rooms: []gate.Room{room}, Log: quiet}))
	t.Cleanup(func() {
		r.Close()
		if err := room.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r rig) send(t *testing.T, user, method, path, body string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(user, "x")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(read), answer.Header
}

const base = "/api/2.0/mlflow-artifacts/artifacts/"

func TestFilesOfRunsAndVersionsAreFoundThroughMLflowOnce(t *testing.T) {
	r := start(t, config.ArtifactService{})
	if status, body, _ := r.send(t, "ann", "PUT", base+"1/r1/artifacts/f.txt", "hello"); status != 200 {
		t.Fatal(status, body)
	}
	for range 3 {
		for _, path := range []string{"/get-artifact?run_uuid=r1&path=f.txt", "/get-artifact?run_id=r1&path=f.txt", "/model-versions/get-artifact?name=m&version=1&path=f.txt"} {
			if status, body, _ := r.send(t, "ann", "GET", path, ""); status != 200 || body != "hello" {
				t.Errorf("%s: %d %s", path, status, body)
			}
		}
	}
	if len(r.mlflow.asked) != 2 {
		t.Errorf("MLflow was asked %v", r.mlflow.asked)
	}
	for _, path := range []string{"/get-artifact?run_id=none&path=f.txt", "/get-artifact?run_id=r2&path=f.txt", "/get-artifact?run_id=r1"} {
		if _, body, _ := r.send(t, "ann", "GET", path, ""); body != "from MLflow" {
			t.Errorf("%s is not left to MLflow: %s", path, body)
		}
	}
}

func TestUploadsAreLimitedInSizeAndPerDay(t *testing.T) {
	r := start(t, config.ArtifactService{MaxBytes: 1000, MaxDailyBytes: 2500})
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	r.room.limits.now = func() time.Time { return now }
	for _, c := range []struct {
		why, user string
		size      int
		want      int
	}{
		{"small enough", "ann", 1000, 200}, {"too large", "ann", 1001, 413}, {"again", "ann", 1000, 200}, {"more than the day allows", "ann", 501, 507},
		{"what is left of it", "ann", 500, 200}, {"nothing is left", "ann", 1, 507}, {"another user's day", "eve", 1000, 200},
	} {
		status, body, _ := r.send(t, c.user, "PUT", base+"x", strings.Repeat("x", c.size))
		if status != c.want || status != 200 && !strings.Contains(body, `"error_code":"RESOURCE_EXHAUSTED"`) {
			t.Errorf("%s: %d %s", c.why, status, body)
		}
	}
	now = now.Add(13 * time.Hour)
	if status, _, _ := r.send(t, "ann", "PUT", base+"x", "x"); status != 200 {
		t.Errorf("the next day: %d", status)
	}
	request, _ := http.NewRequestWithContext(t.Context(), "PUT", r.URL+base+"chunked", io.MultiReader(strings.NewReader(strings.Repeat("x", 900)), strings.NewReader(strings.Repeat("x", 900))))
	request.SetBasicAuth("ann", "x")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 413 {
		t.Errorf("an upload that does not say its size: %d", answer.StatusCode)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "chunked")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("what was refused is stored")
	}
	if status, _, _ := r.send(t, "ann", "PUT", base+"after", strings.Repeat("x", 1000)); status != 200 {
		t.Error("a refused upload counts")
	}
}

func TestTheDirectoryIsNotLeftBySymbolicLinks(t *testing.T) {
	r := start(t, config.ArtifactService{})
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(r.dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"GET", base + "link/secret"}, {"PUT", base + "link/new"}, {"GET", strings.TrimSuffix(base, "/") + "?path=link"}, {"DELETE", base + "link/secret"}} {
		if status, body, _ := r.send(t, "ann", c[0], c[1], ""); strings.Contains(body, "secret\"") || status == 200 && c[0] != "DELETE" {
			t.Errorf("%v: %d %s", c, status, body)
		}
	}
	if entries, _ := os.ReadDir(outside); len(entries) != 1 {
		t.Errorf("outside there are %v", entries)
	}
}

func TestEveryChangeHasALineWithSizeAndDuration(t *testing.T) {
	r := start(t, config.ArtifactService{})
	r.send(t, "ann", "PUT", base+"a/b.txt", "hello")
	r.send(t, "ann", "GET", base+"a/b.txt", "")
	r.send(t, "ann", "DELETE", base+"a", "")
	r.Close()
	log := r.log.String()
	if strings.Count(log, "msg=artifact") != 2 || !strings.Contains(log, "action=put path=a/b.txt bytes=5 ms=") ||
		!strings.Contains(log, "action=delete path=a") || !strings.Contains(log, "user=ann") {
		t.Error(log)
	}
}

func TestRequestsAreReadingOrWriting(t *testing.T) {
	for line, want := range map[string]Class{
		"GET /get-artifact": Read, "HEAD /model-versions/get-artifact": Read, "GET " + base + "x": Read, "GET /ajax-api/2.0/mlflow-artifacts/artifacts": Read,
		"PUT " + base + "x": Write, "DELETE " + base + "x": Write, "POST /api/2.0/mlflow-artifacts/mpu/create/x": Write, "POST /api/2.0/mlflow-artifacts/mpu/complete/x": Write,
		"POST /api/2.0/mlflow-artifacts/mpu/abort/x": Write, "GET /api/2.0/mlflow-artifacts/presigned/x": Read, "POST " + base + "x": None,
		"POST /ajax-api/2.0/mlflow/upload-artifact?run_uuid=r&path=x": Write, "GET /ajax-api/2.0/mlflow/upload-artifact": None,
		"GET /api/2.0/mlflow/runs/get": None, "GET /api/3.0/mlflow/server-info": None, "PUT /get-artifact": None, "DELETE " + base: None,
	} {
		method, path, _ := strings.Cut(line, " ")
		if got := ClassOf(httptest.NewRequestWithContext(t.Context(), method, path, nil)); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}

func TestOffersOfTheStoreAreWithdrawn(t *testing.T) {
	changed, err := withdraw([]byte(`{"store_type":"SqlStore","multipart_uploads_enabled":true,"multipart_downloads_enabled":true,"x":{"y":1}}`))
	var fields map[string]any
	if err != nil || json.Unmarshal(changed, &fields) != nil || fields["multipart_uploads_enabled"] != false || fields["multipart_downloads_enabled"] != false || fields["store_type"] != "SqlStore" {
		t.Errorf("%s %v", changed, err)
	}
}

func TestAPersonWhoOpensAFileThatIsNotThereSeesAPage(t *testing.T) {
	t.Parallel()
	r := start(t, config.ArtifactService{Native: true})
	for accept, kind := range map[string]string{"text/html,*/*;q=0.8": "text/html", "*/*": "application/json", "image/avif,image/webp,*/*": "application/json"} {
		request, err := http.NewRequestWithContext(t.Context(), "GET", r.URL+"/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/missing.txt", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("ann", "x")
		request.Header.Set("Accept", accept)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != 404 || !strings.HasPrefix(answer.Header.Get("Content-Type"), kind) || !strings.Contains(string(body), "No such artifact") {
			t.Errorf("%s: %d %v\n%s", accept, answer.StatusCode, answer.Header, body)
		}
	}
}

package tracking_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/tracking"
)

// patience is for a start of MLflow on a busy machine.
const patience = 3 * time.Minute

// running is a server whose Run has been called.
type running struct {
	*tracking.Server
	dir  string // its directory, and below it temp with its sockets
	log  *log
	stop context.CancelFunc
	done chan error
}

// options are those of a server on SQLite in a directory of its own.
func options(t *testing.T) tracking.Options {
	t.Helper()
	dir := t.TempDir()
	return tracking.Options{
		Runtime:     harness.Runtime(t),
		BackendURI:  "sqlite:///" + filepath.Join(dir, "mlflow.db"),
		ArtifactURI: filepath.Join(dir, "artifacts"),
		Directory:   dir, Workers: 1,
		DatabaseWait: 20 * time.Second, StopTimeout: 20 * time.Second,
		Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LANG=C.UTF-8", "LD_LIBRARY_PATH=" + os.Getenv("LD_LIBRARY_PATH")},
	}
}

// run starts a server. The test's temporary directory gets its sockets.
func run(t *testing.T, o tracking.Options) *running {
	t.Helper()
	temp, err := os.MkdirTemp("", "e2e-") // t.TempDir's is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)
	r := &running{dir: temp, log: &log{}, done: make(chan error, 1)}
	o.Log, o.Output = slog.New(slog.NewTextHandler(r.log, nil)), r.log
	if r.Server, err = tracking.New(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	go func() { r.done <- r.Run(ctx); close(r.done) }()
	t.Cleanup(func() {
		cancel()
		for range r.done { // until it is closed
		}
		if t.Failed() {
			t.Logf("the end of the log:\n%s", harness.Tail(r.log.String(), 60))
		}
		_ = os.RemoveAll(temp)
	})
	return r
}

// untilReady waits for so many ready workers and returns their processes' numbers.
func (r *running) untilReady(t *testing.T, workers int) []int {
	t.Helper()
	var pids []int
	r.until(t, "ready workers", func() bool {
		pids = nil
		for _, w := range r.Status().Workers {
			if w.Ready {
				pids = append(pids, w.PID)
			}
		}
		return len(pids) == workers && r.Status().Ready
	})
	return pids
}

func (r *running) until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v; status %+v", what, patience, r.Status())
		}
		select {
		case err, open := <-r.done:
			if open {
				t.Fatalf("%s: the server ended: %v", what, err)
			}
		default:
		}
	}
}

// result waits for the end of Run.
func (r *running) result(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.done:
		return err
	case <-time.After(patience):
		t.Fatal("Run does not return")
		return nil
	}
}

// ask sends a request and returns the status code and the body; 0 stands for an error.
func (r *running) ask(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(body, "{") {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := r.RoundTrip(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// mustSearch asks for the experiments, which reads the database.
func (r *running) mustSearch(t *testing.T) string {
	t.Helper()
	code, body := r.ask(t, http.MethodPost, "/api/2.0/mlflow/experiments/search", `{"max_results": 10}`)
	if code != http.StatusOK {
		t.Fatalf("experiments/search: %d %s", code, body)
	}
	return body
}

type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

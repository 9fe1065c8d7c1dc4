package tracking_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheLifeOfAServerWithTwoWorkers(t *testing.T) {
	o := options(t)
	o.Workers = 2
	r := run(t, o)
	pids := r.untilReady(t, 2)

	t.Run("it has made the schema and the default experiment", func(t *testing.T) {
		if body := r.mustSearch(t); !strings.Contains(body, `"artifact_location": "mlflow-artifacts:/0"`) {
			t.Errorf("experiments: %s", body)
		}
	})
	t.Run("its workers share most of their memory", func(t *testing.T) {
		for _, pid := range pids {
			// 14 MB when this was written, 46 without the rehearsal before the fork.
			if own := privateMB(t, pid); own > 25 {
				t.Errorf("worker %d has %d MB of its own before its first call", pid, own)
			}
		}
	})
	t.Run("its sockets are private", func(t *testing.T) {
		sockets, _ := filepath.Glob(filepath.Join(r.dir, "*", "*.sock"))
		if len(sockets) != 2 {
			t.Fatalf("sockets: %v", sockets)
		}
		for path, want := range map[string]os.FileMode{filepath.Dir(sockets[0]): 0o700, sockets[0]: 0o600, sockets[1]: 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v; want %v", path, info.Mode(), err, want)
			}
		}
	})
	t.Run("no secret and no address is in its arguments", func(t *testing.T) {
		for pid, command := range group(t, pids[0]) {
			if strings.Contains(command, o.BackendURI) || strings.Contains(command, "mlflow.db") || !strings.HasSuffix(command, "serve.py") {
				t.Errorf("process %d: %s", pid, command)
			}
		}
	})
	t.Run("it leaves no stray files", func(t *testing.T) {
		// This route opens a store of its own in ./mlflow.db where the tracking URI is not set.
		r.ask(t, http.MethodGet, "/ajax-api/3.0/mlflow/assistant/providers", "")
		entries, err := os.ReadDir(o.Directory)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !slices.Contains([]string{"mlflow.db", "mlflow.db.lock"}, entry.Name()) {
				t.Errorf("%s", entry.Name())
			}
		}
	})
	t.Run("half a request is not acted on", func(t *testing.T) {
		sockets, _ := filepath.Glob(filepath.Join(r.dir, "*", "*.sock"))
		for _, socket := range sockets {
			breakOff(t, socket, "/api/2.0/mlflow/runs/create", "application/json", "")
			breakOff(t, socket, "/api/2.0/mlflow/experiments/create", "application/json", `{"name": "torn"}`)
			breakOff(t, socket, "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=none&path=torn.txt", "text/plain", "half a file")
		}
		time.Sleep(300 * time.Millisecond) // long enough for a server that would act on them
		if body := r.mustSearch(t); strings.Contains(body, "torn") {
			t.Errorf("experiments: %s", body)
		}
		if code, body := r.ask(t, http.MethodPost, "/api/2.0/mlflow/runs/search", `{"experiment_ids": ["0"]}`); code != http.StatusOK || strings.Contains(body, "run_id") {
			t.Errorf("runs: %d %s", code, body)
		}
	})
	t.Run("it ignores the signals that a platform sends to everybody", func(t *testing.T) {
		for pid := range group(t, pids[0]) {
			for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
				kill(t, pid, signal)
			}
		}
		r.mustSearch(t)
		if now := r.untilReady(t, 2); !slices.Equal(now, pids) {
			t.Errorf("workers %v became %v", pids, now)
		}
	})
	t.Run("a killed worker is replaced by a fork", func(t *testing.T) {
		start := time.Now()
		kill(t, pids[0], syscall.SIGKILL)
		r.until(t, "another worker", func() bool { return r.Status().WorkerRestarts == 1 })
		now := r.untilReady(t, 2)
		t.Logf("replaced and ready after %v", time.Since(start).Round(time.Millisecond))
		if now[0] == pids[0] || now[1] != pids[1] || r.Status().Restarts != 0 {
			t.Errorf("workers %v became %v, status %+v", pids, now, r.Status())
		}
		r.mustSearch(t)
		pids = now
	})
	t.Run("a killed parent takes its workers along and is started again", func(t *testing.T) {
		before := group(t, pids[0])
		if len(before) != 3 {
			t.Fatalf("processes: %v", before)
		}
		parent, err := syscall.Getpgid(pids[0])
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		kill(t, parent, syscall.SIGKILL)
		r.until(t, "a restart", func() bool { return r.Status().Restarts == 1 })
		gone(t, before)
		pids = r.untilReady(t, 2)
		t.Logf("ready again after %v", time.Since(start).Round(time.Millisecond))
		r.mustSearch(t)
	})
	t.Run("it stops and leaves nothing", func(t *testing.T) {
		processes := group(t, pids[0])
		start := time.Now()
		r.stop()
		if err := r.result(t); err != nil {
			t.Error(err)
		}
		t.Logf("stopped after %v", time.Since(start).Round(time.Millisecond))
		gone(t, processes)
		if left, _ := filepath.Glob(filepath.Join(r.dir, "*")); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	if text := r.log.String(); strings.Contains(text, "Traceback") || strings.Contains(text, "threads before the fork") {
		t.Error("the log has a traceback or a complaint about threads")
	}
}

// breakOff sends a request whose body is shorter than it says, and closes the connection.
func breakOff(t *testing.T, socket, path, kind, body string) {
	t.Helper()
	connection, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: 1000\r\n\r\n%s", path, kind, body); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // its headers are to be read before its end
}

func TestASingleWorkerServesInTheParentAndFinishesWhatItAnswers(t *testing.T) {
	r := run(t, options(t))
	pids := r.untilReady(t, 1)
	processes := group(t, pids[0])
	if len(processes) != 1 {
		t.Errorf("processes: %v", processes)
	}

	// An upload that is half sent when the stop is asked for.
	body, pipe := io.Pipe()
	answer := make(chan int)
	go func() {
		request, _ := http.NewRequestWithContext(context.Background(), http.MethodPut,
			"http://127.0.0.1/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/slow.txt", body)
		response, err := r.RoundTrip(request)
		if err != nil {
			t.Errorf("the upload failed: %v", err)
			answer <- 0
			return
		}
		_ = response.Body.Close()
		answer <- response.StatusCode
	}()
	// Far more than the buffers on the way hold: once it is written, MLflow is reading.
	if _, err := io.WriteString(pipe, strings.Repeat("a", 4<<20)); err != nil {
		t.Fatal(err)
	}
	r.stop()
	r.until(t, "the stop", func() bool { return r.Status().Phase == "stopping" })
	time.Sleep(300 * time.Millisecond) // long enough for a server that would not wait
	if _, err := io.WriteString(pipe, strings.Repeat("b", 64<<10)); err != nil {
		t.Error(err)
	}
	_ = pipe.Close()
	if code := <-answer; code != http.StatusOK {
		t.Errorf("the upload was answered with %d", code)
	}
	if err := r.result(t); err != nil {
		t.Error(err)
	}
	gone(t, processes)
}

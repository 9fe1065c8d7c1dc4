package tracking

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mlflow-server/internal/provision"
)

// The test binary plays the Python program when FAKE_CHILD is set: it speaks the same protocol, and nothing else.
func TestMain(m *testing.M) {
	if play := os.Getenv("FAKE_CHILD"); play != "" {
		os.Exit(fakeChild(play))
	}
	os.Exit(m.Run())
}

func fakeChild(play string) int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	status, control := os.NewFile(statusFD, "status"), os.NewFile(controlFD, "control")
	report := func(e map[string]any) {
		line, _ := json.Marshal(e)
		_, _ = status.Write(append(line, '\n'))
	}
	fmt.Println("fake child says hello to", os.Getenv("_MLFLOW_SERVER_FILE_STORE"))
	report(map[string]any{"event": "phase", "phase": "database"})
	switch play {
	case "exits":
		return 7
	case "fails":
		report(map[string]any{"event": "fatal", "kind": "database", "message": "cannot reach hunter2pw@db:5432"})
		return 2
	case "waits for the database":
		report(map[string]any{"event": "phase", "phase": "database", "endpoint": "db:5432", "reason": "connection refused", "left": 41})
		_, _ = io.Copy(io.Discard, control)
		return 0
	case "migrates":
		report(map[string]any{"event": "schema", "found": "", "latest": "abc"})
		for step := range 3 {
			report(map[string]any{"event": "phase", "phase": "migrating", "step": step + 1, "steps": 3})
		}
		report(map[string]any{"event": "phase", "phase": "blocked", "reason": "process 7 of hunter2pw"})
		report(map[string]any{"event": "phase", "phase": "migrated"})
		return 0
	case "examines":
		report(map[string]any{"event": "finding", "check": "database", "state": "warn", "message": "hunter2pw is slow", "fix": "wait"})
		return 0
	case "examines for ever":
		report(map[string]any{"event": "looking", "check": "database rights"})
		fmt.Println("it looks at something")
		select {}
	case "imports for ever":
		report(map[string]any{"event": "phase", "phase": "importing"})
		select {}
	case "rehearses for ever":
		report(map[string]any{"event": "phase", "phase": "importing"})
		report(map[string]any{"event": "phase", "phase": "migrating", "waiting": true})
		report(map[string]any{"event": "phase", "phase": "rehearsing"})
		select {}
	case "migrates at length":
		report(map[string]any{"event": "phase", "phase": "importing"})
		report(map[string]any{"event": "phase", "phase": "migrating", "steps": 2})
		time.Sleep(5 * time.Second) // longer than its test lets it take to be ready
		report(map[string]any{"event": "phase", "phase": "migrated"})
	case "migrates until after the end was asked for":
		report(map[string]any{"event": "phase", "phase": "importing"})
		report(map[string]any{"event": "phase", "phase": "migrating", "steps": 2})
		_, _ = io.Copy(io.Discard, control)
		time.Sleep(200 * time.Millisecond) // longer than its test's StopTimeout
		report(map[string]any{"event": "phase", "phase": "migrated"})
		return 0
	case "migrates when the end was asked for":
		report(map[string]any{"event": "phase", "phase": "migrating", "waiting": true})
		_, _ = io.Copy(io.Discard, control)
		report(map[string]any{"event": "phase", "phase": "migrating", "steps": 2})
		time.Sleep(5 * time.Second) // longer than its test's StopTimeout
		report(map[string]any{"event": "phase", "phase": "migrated"})
		return 0
	}
	report(map[string]any{"event": "phase", "phase": "serving"})
	count, _ := strconv.Atoi(os.Getenv("_MLFLOW_LAUNCH_WORKERS"))
	for index := range count {
		path := filepath.Join(os.Getenv("_MLFLOW_LAUNCH_DIRECTORY"), fmt.Sprintf("w%d.sock", index))
		listener, err := net.Listen("unix", path)
		if err != nil {
			return 1
		}
		go func() { _ = http.Serve(listener, fakeWorker(play, index)) }()
		born := map[string]any{"event": "worker", "worker": index, "pid": os.Getpid(), "network": "unix", "address": path}
		if !strings.HasPrefix(play, "forks") {
			report(born)
			continue
		}
		go func() { // another process stands for the worker that answers here
			for {
				worker := exec.Command("sleep", "600")
				if err := worker.Start(); err != nil {
					return
				}
				born["pid"] = worker.Process.Pid
				report(born)
				_ = worker.Wait()
				if play == "forks, and does not look" {
					return
				}
				report(map[string]any{"event": "died", "worker": index, "pid": worker.Process.Pid, "reason": "killed"})
			}
		}()
	}
	if strings.HasPrefix(play, "leaves a process behind") {
		orphan := exec.Command("sleep", "600")
		if strings.Contains(play, "that has left the group") {
			orphan.Stdout, orphan.SysProcAttr = os.Stdout, &syscall.SysProcAttr{Setsid: true}
		}
		if strings.HasSuffix(play, "and its environment") {
			orphan.Env = []string{"A=B"}
		}
		if err := orphan.Start(); err != nil {
			return 1
		}
		fmt.Println("orphan", orphan.Process.Pid)
	}
	_, _ = io.Copy(io.Discard, control)
	if play == "does not stop" {
		select {}
	}
	return 0
}

// fakeWorker answers with its index; /hold/ answers its headers at once and its body when the client goes.
func fakeWorker(play string, index int) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(readyPath, func(w http.ResponseWriter, r *http.Request) {
		if play == "is never ready" || play == "has one that is never ready" && index == 1 || r.Host != loopbackHost {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc(healthPath, func(w http.ResponseWriter, r *http.Request) {
		switch play {
		case "hangs", "forks, and does not look":
			<-r.Context().Done()
		case "stands still":
			w.Header().Set(standstillHeader, "300")
		}
	})
	hold := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, index)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	mux.HandleFunc("/hold/", hold)
	mux.HandleFunc("/api/hold/", hold)
	mux.HandleFunc("/die", func(http.ResponseWriter, *http.Request) { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })
	mux.HandleFunc("/lose-workers", func(http.ResponseWriter, *http.Request) { os.Exit(exitWorkersDie) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, index, " ", r.Host) })
	return mux
}

// quick are the times of a server under test.
var quick = timing{
	backoff: backoff{first: time.Millisecond, most: 4 * time.Millisecond},
	ready:   time.Minute, never: time.Hour, stable: time.Minute, settled: time.Minute, probe: time.Millisecond, maxFailed: 3, killSettle: 10 * time.Second, lastWords: 10 * time.Second,
	maxUnsteady: 100, pulse: time.Hour, hung: time.Hour, birth: time.Hour, stuck: time.Hour, weigh: time.Hour, retire: time.Hour,
	fresh: time.Hour, rest: time.Hour, burial: time.Hour,
}

// play runs a server whose child is the fake one.
type play struct {
	*Server
	log  *lockedBuffer // the server's log and the child's output
	end  context.CancelFunc
	done chan error
}

func start(t *testing.T, part string, change ...func(*Server)) *play {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	log := &lockedBuffer{}
	s, err := New(Options{
		Runtime:    provision.Runtime{Python: exe, SitePackages: "/nowhere", MLflowVersion: "3.17.2", Locked: true},
		BackendURI: "postgresql+psycopg://mlflow:hunter2pw@db:5432/mlflow", ArtifactURI: "/artifacts", Directory: t.TempDir(),
		Workers: 2, DatabaseWait: time.Minute, StopTimeout: time.Minute,
		// The race detector would add a second to every end of the child.
		Environ: []string{"FAKE_CHILD=" + part, "PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", "GOCOVERDIR=" + t.TempDir()},
		Log:     slog.New(slog.NewTextHandler(log, nil)), Output: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.timing = quick
	for _, c := range change {
		c(s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p := &play{Server: s, log: log, end: cancel, done: make(chan error, 1)}
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		p.done <- s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-returned // it may be writing what the end of the test removes
		if t.Failed() {
			t.Logf("log:\n%s", log)
		}
	})
	return p
}

// until waits for a condition.
func (p *play) until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s never came; status %+v", what, p.Status())
		}
	}
}

func (p *play) untilReady(t *testing.T) {
	t.Helper()
	p.until(t, "two ready workers", func() bool {
		status := p.Status()
		return status.Ready && len(status.Workers) == 2 && status.Workers[0].Ready && status.Workers[1].Ready
	})
}

// endLives has each life of the child end as soon as it is found ready, by a request for the path, until enough is true.
func (p *play) endLives(t *testing.T, path string, enough func() bool) {
	t.Helper()
	p.until(t, "enough lives", func() bool {
		if p.Ready() {
			if response, err := p.get(t, path); err == nil {
				_ = response.Body.Close()
			}
		}
		return enough()
	})
}

// stop ends the server and returns what Run returned.
func (p *play) stop(t *testing.T) error {
	t.Helper()
	p.end()
	return p.result(t)
}

func (p *play) result(t *testing.T) error {
	t.Helper()
	select {
	case err := <-p.done:
		return err
	case <-time.After(time.Minute):
		t.Fatal("Run did not return")
		return nil
	}
}

func (p *play) get(t *testing.T, path string) (*http.Response, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://somewhere.example"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "mlflow.example"
	return p.RoundTrip(request)
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *lockedBuffer) has(text string) bool { return strings.Contains(b.String(), text) }

package harness

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The login of an instance unless Options say otherwise; every character of it has once broken a login somewhere.
const (
	DefaultUser     = "größe tester"
	DefaultPassword = `p@ss:w/ör"d #1%21&=`
)

// Options describe one run of mlflow-server.
type Options struct {
	Args []string          // subcommand and flags; default: serve
	Env  map[string]string // added to a clean environment; an empty value removes what the harness would set
	Dir  string            // working directory; default: a new one, which then holds SQLite and the artifacts
}

// Instance is a running mlflow-server that answers requests.
type Instance struct {
	URL, User, Password string
	Port                int
	Dir                 string

	t      testing.TB
	cmd    *exec.Cmd
	log    output // stdout and stderr as they came
	stdout output
	done   chan struct{} // closed when the process has ended
	ended  bool          // its end has been looked at
	known  []process     // its processes when it was last asked to stop
}

// bootLimit is long because machines that run tests are slow and shared; a boot that is not over by then never is.
const bootLimit = 180 * time.Second

// Start runs mlflow-server until the test ends, or Stop, and waits until GET /health answers 200. At the end it must have stopped
// with exit code 0 and have left no process behind.
func Start(t testing.TB, o Options) *Instance {
	t.Helper()
	i := Launch(t, o)
	i.WaitHealthy()
	return i
}

// Launch is Start without the wait: for what is to be seen while the server is not ready.
func Launch(t testing.TB, o Options) *Instance {
	t.Helper()
	Runtime(t)
	i := prepare(t, o)
	i.cmd.Stdout = io.MultiWriter(&i.log, &i.stdout)
	i.cmd.Stderr = &i.log
	if err := i.cmd.Start(); err != nil {
		t.Fatalf("starting mlflow-server: %v", err)
	}
	go func() { _ = i.cmd.Wait(); close(i.done) }()
	t.Cleanup(i.finish)
	return i
}

func prepare(t testing.TB, o Options) *Instance {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if len(o.Args) == 0 {
		o.Args = []string{"serve"}
	}
	port := FreePort(t)
	vars := map[string]string{
		"PORT":                     strconv.Itoa(port),
		"MLFLOW_TRACKING_USERNAME": DefaultUser,
		"MLFLOW_TRACKING_PASSWORD": DefaultPassword,
	}
	if o.Args[0] == "serve" {
		vars["MLFLOW_HOST"] = "127.0.0.1"
	}
	for name, value := range o.Env {
		vars[name] = value
	}
	if given, err := strconv.Atoi(vars["PORT"]); err == nil {
		port = given
	}
	i := &Instance{
		URL: fmt.Sprintf("http://127.0.0.1:%d", port), Port: port, Dir: o.Dir,
		User: vars["MLFLOW_TRACKING_USERNAME"], Password: vars["MLFLOW_TRACKING_PASSWORD"],
		t: t, done: make(chan struct{}),
	}
	i.cmd = exec.Command(Binary(t), o.Args...)
	i.cmd.Dir = o.Dir
	i.cmd.Env = environment(t, t.TempDir(), vars)
	i.cmd.SysProcAttr = ownSession(nil)
	i.cmd.WaitDelay = 10 * time.Second // a survivor may hold the output open
	return i
}

// WaitHealthy waits until GET /health answers 200.
func (i *Instance) WaitHealthy() {
	i.t.Helper()
	i.wait("GET /health is not 200", bootLimit, func() bool {
		answer, err := plainHTTP.Get(i.URL + "/health")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// WaitLog waits until the instance has printed a text.
func (i *Instance) WaitLog(text string) {
	i.t.Helper()
	i.wait(fmt.Sprintf("%q is not in the log", text), 60*time.Second, func() bool { return strings.Contains(i.Log(), text) })
}

func (i *Instance) wait(problem string, limit time.Duration, reached func() bool) {
	i.t.Helper()
	deadline := time.Now().Add(limit)
	for !reached() {
		select {
		case <-i.done:
			if reached() {
				return
			}
			i.t.Fatalf("%s: mlflow-server has ended (%v):\n%s", problem, i.cmd.ProcessState, Tail(i.Log(), 60))
		case <-time.After(25 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			i.t.Fatalf("%s after %v:\n%s", problem, limit, Tail(i.Log(), 60))
		}
	}
}

// Log is everything that the instance has printed so far.
func (i *Instance) Log() string { return i.log.String() }

// Stdout is what it has printed on standard output.
func (i *Instance) Stdout() string { return i.stdout.String() }

// Pid is the launcher's process number.
func (i *Instance) Pid() int { return i.cmd.Process.Pid }

// Stop asks the server to end as a platform does, with SIGTERM, and checks that it does so cleanly.
func (i *Instance) Stop() { i.t.Helper(); i.StopBy(syscall.SIGTERM) }

// StopBy sends a signal (SIGTERM, or SIGINT as Ctrl-C does) and checks that the server ends with code 0 and leaves nothing behind.
func (i *Instance) StopBy(signal os.Signal) {
	i.t.Helper()
	i.known = family(i.Pid())
	if err := i.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		i.t.Errorf("sending %v: %v", signal, err)
	}
	select {
	case <-i.done:
	case <-time.After(60 * time.Second):
		i.t.Errorf("mlflow-server still runs 60 s after %v", signal)
		_ = i.cmd.Process.Kill()
		<-i.done
	}
	i.examine(0)
}

// Kill ends the launcher as the kernel does when memory runs out; its children must follow it.
func (i *Instance) Kill() {
	i.t.Helper()
	i.known = family(i.Pid())
	_ = i.cmd.Process.Kill()
	<-i.done
	i.examine(-1)
}

// WaitExit waits for the server to end by itself and returns its exit code.
func (i *Instance) WaitExit(limit time.Duration) int {
	i.t.Helper()
	i.known = family(i.Pid())
	select {
	case <-i.done:
	case <-time.After(limit):
		i.t.Fatalf("mlflow-server still runs after %v:\n%s", limit, Tail(i.Log(), 60))
	}
	code := i.cmd.ProcessState.ExitCode()
	i.examine(code)
	return code
}

func (i *Instance) finish() {
	i.t.Helper()
	if i.ended {
		return
	}
	select {
	case <-i.done:
		i.t.Errorf("mlflow-server has ended by itself (%v)", i.cmd.ProcessState)
		i.examine(0)
	default:
		i.Stop()
	}
}

// examine is the inquest: the exit code, survivors, and races.
func (i *Instance) examine(code int) {
	i.t.Helper()
	i.ended = true
	failed := false
	if got := i.cmd.ProcessState.ExitCode(); got != code {
		i.t.Errorf("mlflow-server ended with %v, wanted exit code %d", i.cmd.ProcessState, code)
		failed = true
	}
	// After a clean stop nothing may be left, not even for a moment; what the kernel kills gets one.
	patience := time.Duration(0)
	if code < 0 {
		patience = 10 * time.Second
	}
	left := i.survivors()
	for deadline := time.Now().Add(patience); len(left) > 0 && time.Now().Before(deadline); left = i.survivors() {
		time.Sleep(25 * time.Millisecond)
	}
	if len(left) > 0 {
		i.t.Errorf("mlflow-server left processes behind: %v", left)
		failed = true
		for _, p := range left {
			_ = syscall.Kill(p.pid, syscall.SIGKILL)
		}
	}
	if strings.Contains(i.Log(), "WARNING: DATA RACE") {
		i.t.Errorf("data race in mlflow-server:\n%s", i.Log())
	} else if failed || i.t.Failed() {
		i.t.Logf("the end of mlflow-server's log:\n%s", Tail(i.Log(), 80))
	}
}

func (i *Instance) survivors() []process { return append(alive(i.known), family(i.Pid())...) }

// plainHTTP asks without a proxy and without keeping connections, which would hold up a server that drains.
var plainHTTP = &http.Client{
	Transport: &http.Transport{DisableKeepAlives: true},
	Timeout:   60 * time.Second,
	// An answer is looked at as it is.
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

package harness

import (
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
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
	Args  []string          // subcommand and flags; default: serve
	Env   map[string]string // added to a clean environment; an empty value leaves out what the harness would set
	Stdin string            // what it can read
	Under []string          // a program and its arguments that run it, such as unshare; signals go to that program
	Dir   string            // working directory; default: a new one, which then holds SQLite and the artifacts
}

// Instance is a running mlflow-server that answers requests.
type Instance struct {
	Client
	Port int
	Dir  string

	t      testing.TB
	cmd    *exec.Cmd
	log    output // stdout and stderr as they came
	stdout output
	done   chan struct{} // closed when the process has ended
	ended  bool          // its end has been looked at
	known  []process     // its processes when it was last asked to stop
}

// bootLimit is long because machines that run tests are slow and shared; a boot that is not over by then never is, and a line
// of the log that is not there then never comes.
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
	maps.Copy(vars, o.Env)
	maps.DeleteFunc(vars, func(_, value string) bool { return value == "" })
	if given, err := strconv.Atoi(vars["PORT"]); err == nil {
		port = given
	}
	i := &Instance{
		Client: Client{
			URL:  fmt.Sprintf("http://127.0.0.1:%d", port),
			User: vars["MLFLOW_TRACKING_USERNAME"], Password: vars["MLFLOW_TRACKING_PASSWORD"],
		},
		Port: port, Dir: o.Dir, t: t, done: make(chan struct{}),
	}
	line := append(append(slices.Clone(o.Under), Binary(t)), o.Args...)
	i.cmd = exec.Command(line[0], line[1:]...)
	i.cmd.Dir = o.Dir
	i.cmd.Stdin = strings.NewReader(o.Stdin)
	i.cmd.Env = environment(t, t.TempDir(), vars)
	i.cmd.SysProcAttr = ownSession(nil)
	i.cmd.WaitDelay = 10 * time.Second // a survivor may hold the output open
	return i
}

// Log is everything that the instance has printed so far.
func (i *Instance) Log() string { return i.log.String() }

// Stdout is what it has printed on standard output.
func (i *Instance) Stdout() string { return i.stdout.String() }

// Pid is the launcher's process number.
func (i *Instance) Pid() int { return i.cmd.Process.Pid }

package harness

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Result is what a run of mlflow-server that ended by itself has left.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// RunToExit runs mlflow-server until it ends by itself, which must be within two minutes. The environment is that of Start.
func RunToExit(t testing.TB, o Options) Result {
	t.Helper()
	i := prepare(t, o)
	var stdout, stderr bytes.Buffer
	i.cmd.Stdout, i.cmd.Stderr = &stdout, &stderr
	if err := i.cmd.Start(); err != nil {
		t.Fatalf("starting mlflow-server: %v", err)
	}
	timer := time.AfterFunc(2*time.Minute, func() { _ = i.cmd.Process.Kill() })
	err := i.cmd.Wait()
	if !timer.Stop() {
		t.Fatalf("mlflow-server %s did not end by itself:\n%s%s", strings.Join(o.Args, " "), stdout.String(), stderr.String())
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatalf("running mlflow-server: %v", err)
	}
	if left := family(i.Pid()); len(left) > 0 {
		t.Errorf("mlflow-server left processes behind: %v", left)
	}
	if strings.Contains(stderr.String(), "WARNING: DATA RACE") {
		t.Errorf("data race in mlflow-server:\n%s", stderr.String())
	}
	return Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: i.cmd.ProcessState.ExitCode()}
}

package harness

import (
	"bytes"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Result is what a run of mlflow-server that ended by itself has left.
type Result struct {
	Stdout, Stderr string
	Code           int
	Listened       bool // its port was open at some time
}

// exitLimit is for a run that hangs; eight migrations at once take minutes where MLflow's import alone takes one.
const exitLimit = 5 * time.Minute

// RunToExit runs mlflow-server until it ends by itself, which must be within exitLimit. The environment is that of Start.
func RunToExit(t testing.TB, o Options) Result {
	t.Helper()
	i := prepare(t, o)
	var stdout, stderr bytes.Buffer
	i.cmd.Stdout, i.cmd.Stderr = &stdout, &stderr
	if err := i.cmd.Start(); err != nil {
		t.Fatalf("starting mlflow-server: %v", err)
	}
	stopLooking := make(chan struct{})
	listened := make(chan bool)
	go func() {
		open := false
		for {
			if connection, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", i.Port), time.Second); err == nil {
				_ = connection.Close()
				open = true
			}
			select {
			case <-stopLooking:
				listened <- open
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	timer := time.AfterFunc(exitLimit, func() { _ = i.cmd.Process.Kill() })
	err := i.cmd.Wait()
	close(stopLooking)
	open := <-listened
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
	return Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: i.cmd.ProcessState.ExitCode(), Listened: open}
}

package harness

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"time"
)

// endLimit is for a server that hangs. How long a stop may take is another question, of tests of their own: a busy machine adds to it.
const endLimit = 2 * time.Minute

// Stop asks the server to end as a platform does, with SIGTERM, and checks that it does so cleanly.
func (i *Instance) Stop() { i.t.Helper(); i.StopBy(syscall.SIGTERM) }

// StopBy sends a signal (SIGTERM, or SIGINT as Ctrl-C does) and checks that the server ends with code 0 and leaves nothing behind.
func (i *Instance) StopBy(signal os.Signal) {
	i.t.Helper()
	i.Signal(signal)
	select {
	case <-i.done:
	case <-time.After(endLimit):
		i.t.Errorf("mlflow-server still runs %v after %v", endLimit, signal)
		_ = i.cmd.Process.Kill()
		<-i.done
	}
	i.examine(0)
}

// Signal sends a signal and does not wait for what comes of it.
func (i *Instance) Signal(signal os.Signal) {
	i.t.Helper()
	i.known = family(i.Pid())
	if err := i.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		i.t.Errorf("sending %v: %v", signal, err)
	}
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
	if len(i.known) == 0 {
		i.known = family(i.Pid())
	}
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

// SignalAll sends signals, one after the other, to the launcher and to all its descendants, as Heroku does.
func (i *Instance) SignalAll(signals ...syscall.Signal) {
	i.t.Helper()
	i.known = family(i.Pid())
	for _, p := range i.known {
		for _, signal := range signals { // without a pause for one process: what comes later may mean something else
			_ = syscall.Kill(p.pid, signal)
		}
	}
}

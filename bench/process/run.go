package process

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Command is a program to start.
type Command struct {
	Program string
	Args    []string
	// Env is the whole environment.
	Env []string
	Dir string
	// Log is the file that takes all output, as a service's log would.
	Log string
	// Credential is whom it runs as; nil is the current user.
	Credential *syscall.Credential
	// Stop is the signal that asks for the end; 0 is SIGTERM.
	Stop syscall.Signal
	// Patience is how long it may take to end after that; 0 is 20 seconds.
	Patience time.Duration
}

// Running is a program that Start has started, with all its descendants.
type Running struct {
	// Started is the moment before the program was started.
	Started time.Time

	command Command
	cmd     *exec.Cmd
	done    chan struct{}
	err     error // set before done is closed
}

// Start starts a program in a session of its own. The caller has to Stop it; if this process is killed, the kernel ends
// the program's leader with it.
func Start(c Command) (*Running, error) {
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a log for %s: %w", c.Program, err)
	}
	defer log.Close() // the program has its own by then
	cmd := exec.Command(c.Program, c.Args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = c.Env, c.Dir, log, log
	cmd.SysProcAttr = attributes(c.Credential)
	r := &Running{Started: time.Now(), command: c, cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The parent-death signal hangs on the thread that starts the program: it has to live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			r.err = cmd.Wait()
			close(r.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.Program, err)
	}
	return r, nil
}

// PID is the leader's process number.
func (r *Running) PID() int { return r.cmd.Process.Pid }

// Done is closed when the leader has ended.
func (r *Running) Done() <-chan struct{} { return r.done }

// Ended is the error for a program that ended by itself: how, and the end of its log.
func (r *Running) Ended() error {
	return fmt.Errorf("%s has ended by itself (%v); the end of its log:\n%s", r.command.Program, r.cmd.ProcessState, r.Tail(30))
}

// Tail is the last lines of the log.
func (r *Running) Tail(lines int) string {
	raw, err := os.ReadFile(r.command.Log)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// Stop asks the program to end, waits, and ends whatever is left of it and its descendants. None is left when it returns
// nil.
func (r *Running) Stop() error {
	known, err := Tree(r.PID())
	if err != nil {
		return err
	}
	signal, patience := r.command.Stop, r.command.Patience
	if signal == 0 {
		signal = syscall.SIGTERM
	}
	if patience == 0 {
		patience = 20 * time.Second
	}
	_ = Release(r.PID()) // a held process would not hear the signal
	_ = r.cmd.Process.Signal(signal)
	select {
	case <-r.done:
	case <-time.After(patience):
		_ = r.cmd.Process.Kill()
		<-r.done
	}
	// Not one of MLflow's processes ends with its parent.
	late, err := Tree(r.PID())
	if err != nil {
		return err
	}
	return KillSurvivors(append(known, late...))
}

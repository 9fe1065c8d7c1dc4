package tracking

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// child is one running Python program with all its descendants: they share a process group.
type child struct {
	events <-chan event // closed when the last process is gone

	cmd      *exec.Cmd
	dir      *runDir
	lifeline *os.File       // our end of the control pipe; closing it asks for the end
	settle   time.Duration  // for a killed group to be gone, and for who holds its pipes
	waitErr  error          // set before events is closed
	output   sync.WaitGroup // the copying of the child's output
	once     sync.Once
}

// start launches the program. The child's end is reported by closing events, after the whole group has been killed.
func (s *Server) start() (*child, error) {
	dir, err := newRunDir(s.options.Workers)
	if err != nil {
		return nil, err
	}
	c, err := s.startIn(dir)
	if err != nil {
		dir.remove()
		return nil, err
	}
	return c, nil
}

func (s *Server) startIn(dir *runDir) (*child, error) {
	program, err := dir.writeProgram()
	if err != nil {
		return nil, err
	}
	var pipes pipes
	defer pipes.closeTheirs()
	if err := pipes.open(); err != nil {
		return nil, fmt.Errorf("open pipes for MLflow: %w", err)
	}

	// -S: no site directories, so that packages of a system Python cannot add plugins; it also saves 6 MB.
	cmd := exec.Command(s.options.Runtime.Python, "-S", program)
	cmd.Dir = s.options.Directory
	cmd.Env = append(environ(s.options, dir.path), launchPrefix+"TASK="+string(s.task))
	cmd.Stdout, cmd.Stderr = pipes.outputTheirs, pipes.outputTheirs
	cmd.ExtraFiles = []*os.File{pipes.statusTheirs, pipes.lifelineTheirs} // statusFD, controlFD
	cmd.SysProcAttr = processAttributes(diesWithLauncher(s.options))

	events := make(chan event)
	c := &child{events: events, cmd: cmd, dir: dir, lifeline: pipes.lifeline, settle: s.timing.killSettle}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		// Linux sends the parent-death signal when the thread that started the child ends: hold it as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.waitErr = c.await()
		close(ended)
	}()
	if err := <-started; err != nil {
		pipes.closeOurs()
		return nil, fmt.Errorf("start MLflow's Python: %w", err)
	}
	c.output.Go(func() {
		defer pipes.output.Close()
		copyLines(s.options.Output, pipes.output, s.scrub)
	})
	read := make(chan struct{})
	go func() {
		defer close(events)
		defer pipes.status.Close()
		readEvents(pipes.status, events)
		<-ended
		c.output.Wait()
		close(read)
	}()
	go func() {
		<-ended
		select {
		case <-read:
		case <-time.After(s.timing.lastWords):
			// Who has left the group and its environment lives on, with the output.
			s.options.Log.Warn("a process that MLflow has started outlives it and is not waited for")
			closeAll(pipes.status, pipes.output)
		}
	}()
	return c, nil
}

// endLifeline asks the child to finish what it is answering and to end.
func (c *child) endLifeline() { c.once.Do(func() { _ = c.lifeline.Close() }) }

// kill ends the whole group at once.
func (c *child) kill() { killGroup(c.cmd.Process.Pid) }

// cleanUp frees what the child used, after its end.
func (c *child) cleanUp() {
	c.endLifeline()
	c.dir.remove()
}

// ended tells how the program ended.
func (c *child) ended() error {
	if c.waitErr != nil {
		return fmt.Errorf("its process ended: %w", c.waitErr)
	}
	return errEnded
}

// exitWorkersDie is the exit code of a child whose workers died too often (mlflow_serve/failure.py).
const exitWorkersDie = 3

// exitCode is what the program ended with, -1 when a signal ended it.
func (c *child) exitCode() int {
	var exit *exec.ExitError
	if errors.As(c.waitErr, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// errEnded is the end of a child that says it has done what it was started for.
var errEnded = errors.New("its process ended without being asked to")

const (
	statusFD  = 3 // the numbers that ExtraFiles get in the child
	controlFD = 4
)

// pipes are the three pipes of a child, ours and theirs.
type pipes struct {
	status, statusTheirs     *os.File
	lifeline, lifelineTheirs *os.File
	output, outputTheirs     *os.File
}

func (p *pipes) open() (err error) {
	defer func() {
		if err != nil {
			p.closeOurs()
		}
	}()
	if p.status, p.statusTheirs, err = os.Pipe(); err != nil {
		return err
	}
	if p.lifelineTheirs, p.lifeline, err = os.Pipe(); err != nil {
		return err
	}
	p.output, p.outputTheirs, err = os.Pipe()
	return err
}

// closeTheirs closes the ends that the child has got by now; one left open would hide its death.
func (p *pipes) closeTheirs() { closeAll(p.statusTheirs, p.lifelineTheirs, p.outputTheirs) }

func (p *pipes) closeOurs() { closeAll(p.status, p.lifeline, p.output) }

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}

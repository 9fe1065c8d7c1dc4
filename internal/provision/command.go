package provision

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// command is a program to run to its end, its output read line by line.
type command struct {
	name    string
	args    []string
	environ []string
	dir     string
	line    func(string)  // each line of its standard error, redacted; may be nil
	grace   time.Duration // between being asked and being made to stop; 0 is killAfter
}

// neutralDir is where programs run: uv and "python -m" read files of the working directory and those above it, which
// must be neither the application's that is being built nor anybody's in a shared temporary directory.
const neutralDir = "/"

// killAfter is the usual time a program has to stop by itself.
const killAfter = 3 * time.Second

// run waits for the program and returns its standard output. Its error carries the last lines of its standard error.
// When ctx ends, the whole process group is stopped, so that no download outlives the installation.
func (c command) run(ctx context.Context) (string, error) {
	if ctx.Err() != nil {
		return "", ended(ctx)
	}
	cmd := exec.CommandContext(ctx, c.name, c.args...)
	cmd.Env, cmd.Dir = c.environ, c.dir
	cmd.SysProcAttr = groupAttributes()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = cmp.Or(c.grace, killAfter)
	var out strings.Builder
	cmd.Stdout = &out
	pipe, feed := io.Pipe()
	cmd.Stderr = feed

	tail := make(chan []string, 1)
	go func() { tail <- readLines(pipe, c.line) }()
	// The death signal of groupAttributes hangs on the thread that starts the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := start(cmd)
	if err == nil {
		err = cmd.Wait()
		if ctx.Err() != nil {
			// Whatever of the group ignored the first signal, or was left behind by a leader that did not.
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
	}
	feed.Close()
	last := <-tail
	if ctx.Err() != nil {
		return "", ended(ctx)
	}
	if err != nil {
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			err = fmt.Errorf("%s ended with %s", baseName(c.name), exit.ProcessState)
		}
		if len(last) > 0 {
			err = fmt.Errorf("%w:\n%s", err, strings.Join(last, "\n"))
		}
		return "", err
	}
	return out.String(), nil
}

// start is cmd.Start with patience for a program that was written a moment ago: while another goroutine forks, its child
// holds the file open for writing, and the system answers "text file busy" (golang.org/issue/22315).
func start(cmd *exec.Cmd) error {
	for try := 0; ; try++ {
		err := cmd.Start()
		if !errors.Is(err, syscall.ETXTBSY) || try == 10 {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// ended is the error of a ctx that is over: what ended it, where that is known.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

const tailLines = 20

// readLines hands on each line and keeps the last ones for an error message.
func readLines(r io.Reader, each func(string)) []string {
	var tail []string
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := redact(strings.TrimRight(lines.Text(), "\r"))
		if strings.TrimSpace(line) == "" {
			continue
		}
		if each != nil {
			each(line)
		}
		if tail = append(tail, line); len(tail) > tailLines {
			tail = tail[1:]
		}
	}
	_, _ = io.Copy(io.Discard, r) // a line past the limit must not block the program
	return tail
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

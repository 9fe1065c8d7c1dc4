package container

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// readOnly makes the directory the root of one process: nothing in it can be written to but the volume and /tmp.
// Arguments: the volume on this machine, its place, the working directory, the user, then environment and command.
const readOnly = `volume=$1 place=$2 workdir=$3 user=$4
shift 4
mount --rbind . .
cd "$PWD"
mount --bind "$volume" ".$place"
mount -t tmpfs -o mode=1777 none tmp
mount -o remount,bind,ro .
exec chroot --userspec="$user" . /usr/bin/env -i --chdir="$workdir" "$@"
`

// container is a running image.
type container struct {
	harness.Client
	cmd  *exec.Cmd
	pid  int // of its PID 1, out here
	env  []string
	log  *log
	done chan struct{}
}

type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs a command of the image as a user with a new volume.
func (im *image) start(t *testing.T, user string, settings map[string]string, command ...string) *container {
	t.Helper()
	info, err := os.Stat(filepath.Join(im.dir, im.volume))
	must(t, err)
	volume := t.TempDir()
	must(t, os.Chmod(volume, info.Mode())) // with the sticky bit, as engines make a new volume
	port := harness.FreePort(t)
	c := &container{log: &log{}, done: make(chan struct{}), env: append([]string{}, im.env...)}
	c.env = append(c.env, fmt.Sprintf("PORT=%d", port))
	for name, value := range settings {
		c.env = append(c.env, name+"="+value)
	}
	c.Client = harness.Client{URL: fmt.Sprintf("http://127.0.0.1:%d", port), User: settings["MLFLOW_TRACKING_USERNAME"], Password: settings["MLFLOW_TRACKING_PASSWORD"]}
	args := append(append([]string{}, unshare...), "sh", "-c", system+readOnly, "sh", im.dir, volume, im.volume, im.workdir, user)
	args = append(append(args, c.env...), command...)
	c.cmd = exec.Command(args[0], args[1:]...)
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	c.cmd.WaitDelay = 5 * time.Second
	must(t, c.cmd.Start())
	go func() { _ = c.cmd.Wait(); close(c.done) }()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // and with it, by --kill-child, all of the namespace
		<-c.done
	})
	return c
}

// wait waits for the container to end and returns its exit code.
func (c *container) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-c.done:
	case <-time.After(2 * time.Minute):
		t.Fatalf("it still runs:\n%s", c.log)
	}
	return c.cmd.ProcessState.ExitCode()
}

// waitHealthy asks as engines do, by the image's own check.
func (c *container) waitHealthy(t *testing.T, check []string) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; {
		if c.pid == 0 {
			c.pid = childOf(c.cmd.Process.Pid)
		}
		out, err := "", error(nil)
		if c.pid != 0 {
			if out, err = c.exec(t, check...); err == nil {
				return
			}
		}
		select {
		case <-c.done:
			t.Fatalf("it has ended (%v):\n%s", c.cmd.ProcessState, c.log)
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("it is not healthy: %s\n%s", out, c.log)
		}
	}
}

// childOf is the only child of a process, or 0.
func childOf(parent int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", parent, parent))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// exec is "docker exec" as root.
func (c *container) exec(t *testing.T, command ...string) (string, error) {
	t.Helper()
	args := append([]string{"--target", strconv.Itoa(c.pid), "--mount", "--pid", "--root", "--wd", "--", "/usr/bin/env", "-i"}, c.env...)
	out, err := exec.CommandContext(t.Context(), "nsenter", append(args, command...)...).CombinedOutput()
	return string(out), err
}

// stop is "docker stop": one SIGTERM to PID 1, which has the handlers it made and no other.
func (c *container) stop(t *testing.T) {
	t.Helper()
	must(t, syscall.Kill(c.pid, syscall.SIGTERM))
	if code := c.wait(t); code != 0 {
		t.Errorf("it ended with %d:\n%s", code, c.log)
	}
}

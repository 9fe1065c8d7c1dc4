package heroku

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// Dyno is a process of a slug that runs as Heroku runs it. Its address is the router's before it.
type Dyno struct {
	harness.Client
	cmd  *exec.Cmd
	log  *both
	done chan struct{}
	t    testing.TB
}

// dynoRoot makes a root directory for one process, in a mount namespace that ends with it: the system's /usr without
// /usr/local and without a Python, an empty /tmp, and the slug at /app. Arguments: the new root, the slug, a user.
const dynoRoot = `set -e
root=$1 slug=$2 user=$3
shift 3
mount -t tmpfs -o mode=755 none "$root"
cd "$root"
mkdir usr etc dev proc tmp app var run
chmod 1777 tmp
for dir in usr etc dev; do mount --rbind "/$dir" "$dir"; done
mount --rbind /proc proc
for dir in bin sbin lib lib64; do
	if [ -L "/$dir" ]; then ln -s "usr/$dir" "$dir"; elif [ -d "/$dir" ]; then mkdir "$dir"; mount --rbind "/$dir" "$dir"; fi
done
mount -t tmpfs none usr/local
for python in usr/bin/python3*; do
	if [ -f "$python" ] && [ ! -L "$python" ]; then mount --bind /dev/null "$python"; fi
done
mount --bind "$slug" app
exec chroot --userspec="$user" . /usr/bin/env -i "$@"
`

// dynoStart is what a dyno does before its process: a login shell sources .profile.d.
const dynoStart = `cd "$HOME"; for file in .profile.d/*.sh; do . "./$file"; done; exec `

// Start starts the command of a process type with the slug in dir, at /app in a root of its own where this machine allows
// that, and else where it lies. The slug belongs to an ordinary user and there is nothing on PATH to help.
func Start(t testing.TB, slug, command string, settings map[string]string) *Dyno {
	t.Helper()
	d := &Dyno{log: &both{}, done: make(chan struct{}), t: t}
	args, app := inRoot(t, slug)
	port := freePort(t)
	args = append(args, "HOME="+app, "PATH=/usr/local/bin:/usr/bin:/bin", "DYNO=web.1", fmt.Sprintf("PORT=%d", port), "LANG=C.UTF-8")
	for name, value := range settings { // a name that comes twice has its last value
		args = append(args, name+"="+value)
	}
	args = append(args, "bash", "--login", "-c", dynoStart+command)
	d.cmd = exec.Command(args[0], args[1:]...)
	d.cmd.Env = []string{"PATH=" + standardPath}
	d.cmd.Stdout, d.cmd.Stderr = d.log, d.log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	d.cmd.WaitDelay = 5 * time.Second
	d.Client = harness.Client{URL: router(t, fmt.Sprintf("http://127.0.0.1:%d", port)), User: settings["MLFLOW_TRACKING_USERNAME"], Password: settings["MLFLOW_TRACKING_PASSWORD"]}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = d.cmd.Wait(); close(d.done) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-d.cmd.Process.Pid, syscall.SIGKILL)
		<-d.done
	})
	return d
}

// inRoot is the command line up to the environment, and where the app will be.
func inRoot(t testing.TB, slug string) (args []string, app string) {
	t.Helper()
	unshare := []string{"unshare", "--mount", "--propagation", "private", "--"}
	if os.Getuid() == 0 && exec.Command(unshare[0], append(unshare[1:], "mount", "-t", "tmpfs", "none", t.TempDir())...).Run() == nil {
		const user = 12345 // no user of this machine
		err := filepath.WalkDir(slug, func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, user, user)
		})
		if err != nil {
			t.Fatal(err)
		}
		return append(unshare, "sh", "-c", dynoRoot, "sh", t.TempDir(), slug, fmt.Sprintf("%d:%d", user, user)), "/app"
	}
	t.Log("this machine allows no mount namespace: the slug runs where it lies instead of at /app")
	return []string{"/usr/bin/env", "-i"}, slug
}

// Run runs one command to its end, as "heroku run" does, and returns what it printed.
func Run(t testing.TB, slug, command string, settings map[string]string) string {
	t.Helper()
	oneOff := map[string]string{"DYNO": "run.1"}
	maps.Copy(oneOff, settings)
	d := Start(t, slug, command, oneOff)
	select {
	case <-d.done:
	case <-time.After(3 * time.Minute):
		t.Fatalf("%s still runs after three minutes:\n%s", command, d.Log())
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("%s ended with %d:\n%s", command, code, d.Log())
	}
	return d.Log()
}

// WaitHealthy waits until the server is ready.
func (d *Dyno) WaitHealthy() {
	d.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; {
		response, err := http.Get(d.URL + "/health")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-d.done:
			d.t.Fatalf("the dyno has ended (%v):\n%s", d.cmd.ProcessState, d.Log())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("the dyno is not healthy:\n%s", d.Log())
		}
	}
}

// Stop sends SIGTERM, as a restart does, and checks that the process ends well within the platform's 30 s.
func (d *Dyno) Stop() {
	d.t.Helper()
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.done:
	case <-time.After(30 * time.Second):
		d.t.Fatalf("the dyno still runs 30 s after SIGTERM:\n%s", d.Log())
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		d.t.Errorf("the dyno ended with %d:\n%s", code, d.Log())
	}
}

// CommandLines are those of the process and its descendants.
func (d *Dyno) CommandLines() []string {
	return slices.Collect(harness.CommandLines(d.cmd.Process.Pid))
}

// Log is what the process has printed.
func (d *Dyno) Log() string {
	d.log.mu.Lock()
	defer d.log.mu.Unlock()
	return d.log.text.String()
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Procfile is the command of one process type.
func Procfile(t testing.TB, app, process string) string {
	t.Helper()
	for line := range bytes.Lines(read(t, filepath.Join(app, "Procfile"))) {
		if name, command, ok := strings.Cut(string(line), ":"); ok && name == process {
			return strings.TrimSpace(command)
		}
	}
	t.Fatalf("the Procfile has no process %q", process)
	return ""
}

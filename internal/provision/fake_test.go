package provision

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeUV gives an environment in which uv is testdata/uv and Python is the machine's, and nothing of the user's is left.
func fakeUV(t *testing.T, extra ...string) []string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "bin")
	script, err := os.ReadFile("testdata/uv")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(bin, "uv"), string(script), 0o755)
	return append([]string{
		"PATH=" + bin + ":" + filepath.Dir(realPython(t)) + ":/usr/bin:/bin",
		"HOME=" + t.TempDir(), "PIP_CONFIG_FILE=" + os.DevNull,
	}, extra...)
}

// realPython is a Python of the machine that the server could run on.
var realPythonOnce = sync.OnceValues(func() (interpreter, error) {
	return systemPython(context.Background(), DefaultPins(), os.Environ())
})

func realPython(t *testing.T) string {
	t.Helper()
	p, err := realPythonOnce()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("Python 3.10 or newer is missing: ", err)
		}
		t.Skip("Python 3.10 or newer is missing: ", err)
	}
	return p.Executable
}

func writeFile(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// names lists a directory, nil when there is none.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, _ := os.ReadDir(dir)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// until waits for something that another process does.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain for ", what)
		}
	}
}

// running says whether a process is there and not just waiting to be reaped.
func running(pid string) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", pid).Output()
	state := strings.TrimSpace(string(out))
	return err == nil && state != "" && !strings.HasPrefix(state, "Z")
}

// notes is a Progress that remembers.
type notes struct {
	Silent
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
}

func (n *notes) Started(step string) { n.add("started " + step) }
func (n *notes) Note(text string)    { n.add("note " + text) }
func (n *notes) Finished(step, result string, _ time.Duration, _ int64) {
	n.add("finished " + step + ": " + result)
}
func (n *notes) Failed(step string, _ time.Duration) { n.add("failed " + step) }

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.lines, "\n")
}

package harness

import (
	"context"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/client"
)

// pythonLimit is how long a client program may take: all exercises take half a minute on a machine that is free.
const pythonLimit = 5 * time.Minute

// Python runs a program of e2e/client ("exercise.py") against a server, as a user of it would: with its address and login in the
// environment, and no key of any store. It returns what the program printed, and its error.
func Python(t testing.TB, c Client, program string, args ...string) (string, error) {
	t.Helper()
	return python(t, t.TempDir(), c, append([]string{filepath.Join(programs(t), program)}, args...)...)
}

// PythonSource is Python for a program given as text.
func PythonSource(t testing.TB, c Client, source string, args ...string) (string, error) {
	t.Helper()
	return python(t, t.TempDir(), c, append([]string{"-c", source}, args...)...)
}

func python(t testing.TB, dir string, c Client, args ...string) (string, error) {
	t.Helper()
	runtime := Runtime(t)
	ctx, cancel := context.WithTimeout(t.Context(), pythonLimit)
	defer cancel()
	command := exec.CommandContext(ctx, runtime.Python, args...)
	command.Dir = dir
	vars := map[string]string{
		"MLFLOW_DISABLE_TELEMETRY": "true",
		"GIT_PYTHON_REFRESH":       "quiet",
		"PYTHONDONTWRITEBYTECODE":  "1",
	}
	if c != (Client{}) { // else the program knows by itself where to go
		maps.Copy(vars, map[string]string{
			"MLFLOW_TRACKING_URI":      c.URL,
			"MLFLOW_TRACKING_USERNAME": c.User,
			"MLFLOW_TRACKING_PASSWORD": c.Password,
		})
	}
	command.Env = append(environment(t, t.TempDir(), vars), runtime.Environ()...)
	command.SysProcAttr = ownSession(nil)
	command.WaitDelay = 5 * time.Second
	var printed output
	command.Stdout, command.Stderr = io.Writer(&printed), &printed
	err := command.Run()
	return printed.String(), err
}

// programs writes the client programs into a directory of the test.
func programs(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	files, err := fs.Glob(client.Files, "*.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := client.Files.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Exercise drives the server with the real client through every group of exercises (or the named ones) and reports each as a
// subtest.
func Exercise(t *testing.T, c Client, groups ...string) {
	t.Helper()
	dir := t.TempDir()
	printed, err := python(t, dir, c, append([]string{filepath.Join(programs(t), "exercise.py")}, groups...)...)
	lines := strings.Split(printed, "\n")
	finished := false
	for n, line := range lines {
		verdict, rest, _ := strings.Cut(line, " ")
		switch verdict {
		case "ok", "FAIL":
			name, seconds, _ := strings.Cut(rest, " ")
			t.Run(name, func(t *testing.T) {
				if verdict == "ok" {
					t.Logf("%s s in the client", seconds)
					return
				}
				trace := []string{}
				for _, l := range lines[n+1:] {
					if !strings.HasPrefix(l, "    ") {
						break
					}
					trace = append(trace, l)
				}
				t.Errorf("the client failed after %s s:\n%s", seconds, strings.Join(trace, "\n"))
			})
		case "done":
			finished = true
			t.Log(line)
		}
	}
	if !finished {
		t.Fatalf("the client stopped half-way (%v):\n%s", err, Tail(printed, 60))
	}
	if err != nil && !t.Failed() {
		t.Errorf("the client failed: %v\n%s", err, Tail(printed, 60))
	}
	// A client that found no server would quietly work in its own directory.
	if left, _ := filepath.Glob(filepath.Join(dir, "ml*")); len(left) > 0 {
		t.Errorf("the client stored things in its own directory: %v", left)
	}
}

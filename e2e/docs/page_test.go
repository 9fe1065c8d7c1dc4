package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

var shell = regexp.MustCompile("(?ms)^```sh\\n(.*?)^```")

// paste is what a page has somebody paste: the lines up to an empty one, of which the first begins like that.
func paste(t *testing.T, page, beginning string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", page))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range shell.FindAllStringSubmatch(string(text), -1) {
		for _, part := range strings.Split(block[1], "\n\n") {
			if strings.HasPrefix(part, beginning) {
				return part
			}
		}
	}
	t.Fatalf("%s has nothing to paste that begins with %q", page, beginning)
	return ""
}

// lines are those of a text that do something.
func lines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

// terminal is where somebody sits who has installed mlflow-server, and a Python with mlflow.
type terminal struct {
	dir string
	env []string
}

// open opens a terminal in a directory with more variables.
func open(t *testing.T, dir string, env map[string]string) terminal {
	t.Helper()
	runtime := harness.Runtime(t)
	programs := t.TempDir()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	python := "#!/bin/sh\nPYTHONPATH='" + runtime.SitePackages + "' exec '" + runtime.Python + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(programs, "python"), []byte(python), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	home := t.TempDir()
	x := terminal{dir: dir, env: []string{"PATH=" + programs + ":" + filepath.Dir(harness.Binary(t)) + ":" + os.Getenv("PATH"), "HOME=" + home,
		"XDG_CACHE_HOME=" + cache, "LANG=C.UTF-8", "GIT_PYTHON_REFRESH=quiet", "MLFLOW_DISABLE_TELEMETRY=true"}}
	for name, value := range env {
		x.env = append(x.env, name+"="+value)
	}
	return x
}

// run pastes a text, stops at the first command that fails, and returns what was printed.
func (x terminal) run(t *testing.T, text string) string {
	t.Helper()
	printed, err := x.try(t, text)
	if err != nil {
		t.Fatalf("%s\n%v\n%s", text, err, printed)
	}
	return printed
}

func (x terminal) try(t *testing.T, text string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", text)
	command.Dir, command.Env = x.dir, x.env
	out, err := command.CombinedOutput()
	return string(out), err
}

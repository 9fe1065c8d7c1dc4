package terminal

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"mlflow-server/e2e/harness"
)

var (
	colour = regexp.MustCompile("\x1b\\[[0-9;]*m")
	// path is a word that cannot be broken.
	path = regexp.MustCompile(`^\S{40,}$`)
)

// environ is a person's, with the runtime that is installed and a free port.
func environ(t *testing.T, more ...string) []string {
	t.Helper()
	harness.Runtime(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "XDG_CACHE_HOME=" + cache, "LANG=C.UTF-8", "TERM=xterm-256color",
		"PORT=" + strconv.Itoa(harness.FreePort(t)),
	}, more...)
}

func TestCommandsFitATerminalAndAreColouredOnlyThere(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		enough string // is written by a command that does not end by itself
		code   int
		says   string
		plain  bool // has nothing to colour
	}{
		{name: "help", args: []string{"--help"}, says: "COMMANDS:"},
		{name: "help for a command", args: []string{"serve", "--help"}, says: "MLFLOW_TRACKING_PASSWORD"},
		{name: "doctor, with something wrong", args: []string{"doctor"}, code: 2, says: "MLFLOW_TRACKING_PASSWORD"},
		{name: "install", args: []string{"install"}, says: "MLflow", plain: true},
		{name: "version", args: []string{"version"}, says: "MLflow", plain: true},
		{name: "local", args: []string{"local"}, enough: "Ctrl-C stops it", says: "http://127.0.0.1:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sent, code := onTerminal(t, environ(t), c.enough, c.args...)
			save(t, c.name, sent)
			if code != c.code || !strings.Contains(sent, c.says) {
				t.Errorf("exit code %d:\n%s", code, sent)
			}
			if !c.plain && !colour.MatchString(sent) {
				t.Errorf("there is no colour:\n%s", sent)
			}
			for _, line := range lines(sent) {
				if strings.HasPrefix(line, "mlflow | ") {
					continue // MLflow's own log
				}
				if utf8.RuneCountInString(line) > columns && !slices.ContainsFunc(strings.Fields(line), path.MatchString) {
					t.Errorf("a line is too long: %q", line)
				}
			}
			if c.enough != "" {
				return // once is enough for a server
			}
			if sent, _ := onTerminal(t, environ(t, "NO_COLOR=1"), c.enough, c.args...); colour.MatchString(sent) {
				t.Errorf("coloured in spite of NO_COLOR:\n%q", sent)
			}
			if sent, _ := onTerminal(t, environ(t, "TERM=dumb"), c.enough, c.args...); strings.Contains(sent, "\x1b") {
				t.Errorf("not plain on a dumb terminal:\n%q", sent)
			}
		})
	}
}

func TestOffATerminalEverythingIsPlain(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"doctor"}, {"install"}, {"version"}} {
		r := harness.RunToExit(t, harness.Options{Args: args, Env: map[string]string{"TERM": "xterm-256color"}})
		if text := r.Stdout + r.Stderr; text == "" || strings.ContainsAny(text, "\x1b\r") {
			t.Errorf("%v: %q", args, text)
		}
	}
}

// lines is what is left to be seen of what a terminal was sent: without colours, and of a line that was drawn again its last state.
func lines(sent string) []string {
	var shown []string
	for line := range strings.SplitSeq(colour.ReplaceAllString(sent, ""), "\n") {
		for state := range strings.SplitSeq(strings.TrimRight(line, "\r"), "\r") {
			shown = append(shown, strings.TrimPrefix(state, "\x1b[K"))
		}
	}
	return shown
}

// save keeps what was sent in the directory $ARTEFACTS, where that is set.
func save(t *testing.T, name, sent string) {
	t.Helper()
	dir := os.Getenv("ARTEFACTS")
	if dir == "" {
		return
	}
	name = "terminal-" + strings.NewReplacer(" ", "-", ",", "").Replace(name) + ".ansi"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(sent), 0o644); err != nil {
		t.Fatal(err)
	}
}

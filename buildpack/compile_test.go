package buildpack

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOnlyWhatWasNotThereBeforeIsTheBuildsToRemove(t *testing.T) {
	app := t.TempDir()
	c := &compilation{Build: Build{App: app}}
	writeFile(t, filepath.Join(app, ".mlflow", "notes"), "the app's own")
	if err := os.Mkdir(filepath.Join(app, ".profile.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{launcherFile, runtimeDir, ".profile.d/mlflow-server.sh"} {
		if got := c.mine(path); got != filepath.Join(app, path) {
			t.Errorf("%s is at %s", path, got)
		}
	}
	if want := []string{filepath.Join(app, "bin"), filepath.Join(app, ".profile.d/mlflow-server.sh")}; !slices.Equal(c.made, want) {
		t.Errorf("it would remove %q", c.made)
	}
	if !occupied(filepath.Join(app, runtimeDir)) || occupied(filepath.Join(app, "none")) || occupied(filepath.Join(app, ".profile.d")) {
		t.Error("it does not know what is the app's own")
	}
}

func TestWhatTheBuildpackSaysFitsATerminalAndCommandsStayWhole(t *testing.T) {
	command := "  " + strings.Repeat("command ", 12)
	got := wrapped("one "+strings.Repeat("größe ", 30), "", command)
	for _, line := range got[:len(got)-2] {
		if n := len([]rune(line)); n > blockWidth || n < blockWidth-12 && line != got[len(got)-3] {
			t.Errorf("%q has %d columns", line, n)
		}
	}
	if len(got) != 5 || got[3] != "" || got[4] != command {
		t.Errorf("it is %q", got)
	}
	for kind, lines := range advice {
		for _, line := range wrapped(lines...) {
			if len(line) > blockWidth {
				t.Errorf("the advice for %s has the line %q", kind, line)
			}
		}
	}
}

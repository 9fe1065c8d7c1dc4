package buildpack

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTheScriptsCanBeRunByHeroku(t *testing.T) {
	for _, name := range []string{"detect", "compile", "release", "report"} {
		path := filepath.Join("..", "bin", name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		// A checkout or an archive may add the group's right to write: 0775 is as good.
		if got := info.Mode().Perm(); got&0o555 != 0o555 {
			t.Errorf("bin/%s has mode %o", name, got)
		}
		for _, shell := range []string{"sh", "bash"} {
			if out, err := exec.CommandContext(t.Context(), shell, "-n", path).CombinedOutput(); err != nil {
				t.Errorf("%s does not read bin/%s: %s", shell, name, out)
			}
		}
	}
}

func TestReleasePrintsWhatCompileLeft(t *testing.T) {
	app := t.TempDir()
	if _, stderr, code := script(t, "release", app); code == 0 || !strings.Contains(stderr, "release.yml") {
		t.Errorf("without a build it ended with %d: %s", code, stderr)
	}
	writeFile(t, filepath.Join(app, releaseFile), "---\n")
	if stdout, _, code := script(t, "release", app); code != 0 || stdout != "---\n" {
		t.Errorf("it ended with %d: %s", code, stdout)
	}
}

func TestReleaseNamesProcessesOnlyWithoutAProcfile(t *testing.T) {
	app := t.TempDir()
	const addons = "---\naddons:\n  - heroku-postgresql:essential-0\n"
	if got, err := Release(app); err != nil || got != addons+"default_process_types:\n  web: bin/mlflow-server serve\n  release: bin/mlflow-server migrate\n" {
		t.Errorf("without a Procfile: %q, %v", got, err)
	}
	writeFile(t, filepath.Join(app, "Procfile"), "web: x\n")
	if got, err := Release(app); err != nil || got != addons {
		t.Errorf("with a Procfile: %q, %v", got, err)
	}
}

func TestReportSaysThatItKnowsNothing(t *testing.T) {
	stdout, _, code := script(t, "report", t.TempDir(), t.TempDir(), t.TempDir())
	if code != 0 || !strings.HasPrefix(stdout, "result: unknown\n") {
		t.Errorf("it ended with %d: %s", code, stdout)
	}
}

func TestTheReportInTheAppWinsWhereTheCacheCannotBeWrittenTo(t *testing.T) {
	app, cache := t.TempDir(), filepath.Join(t.TempDir(), "the cache")
	writeFile(t, filepath.Join(cache, "mlflow-server", reportFile), "result: success\n") // of the build before
	ofBoth := func(want string) {
		t.Helper()
		if stdout, _, code := script(t, "report", app, cache, t.TempDir()); code != 0 || stdout != want {
			t.Errorf("bin/report ended with %d: %s", code, stdout)
		}
		if text, err := Report(app, cache); err != nil || text != want {
			t.Errorf("Report: %s, %v", text, err)
		}
	}
	ofBoth("result: success\n")
	writeFile(t, filepath.Join(app, fallbackReport), "result: failure\n")
	ofBoth("result: failure\n")
}

func TestEveryToolchainIsPinnedAsAWhole(t *testing.T) {
	text, err := os.ReadFile("toolchain.txt")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^linux-(amd64|arm64) (\d+\.\d+\.\d+) [0-9a-f]{64} https://\S+/go(\d+\.\d+\.\d+)\.linux-(amd64|arm64)\.tar\.gz$`)
	pinned := 0
	for l := range strings.Lines(string(text)) {
		if strings.HasPrefix(l, "#") {
			continue
		}
		m := line.FindStringSubmatch(strings.TrimSpace(l))
		if m == nil || m[1] != m[4] || m[2] != m[3] {
			t.Errorf("%q is not a pin", l)
		}
		pinned++
	}
	if pinned != 2 {
		t.Errorf("%d toolchains are pinned", pinned)
	}
}

package release

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
	"mlflow-server/e2e/harness"
)

// TestTheSameCommitMakesTheSameBytes makes a release twice: in two directories, of which one has a path that is longer, the second
// time with an empty build cache, another home, and the modules at another path.
func TestTheSameCommitMakesTheSameBytes(t *testing.T) {
	harness.Require(t, "git")
	here := t.TempDir()
	there := filepath.Join(t.TempDir(), "a longer name", "and one below it")
	first, commit := release(t, here, nil)
	modules := filepath.Join(t.TempDir(), "modules")
	if err := os.Symlink(goEnv(t, "GOMODCACHE"), modules); err != nil {
		t.Fatal(err)
	}
	second, _ := release(t, there, []string{"GOCACHE=" + t.TempDir(), "HOME=" + t.TempDir(), "GOMODCACHE=" + modules})
	if first.sums != second.sums {
		t.Errorf("here\n%s\nthere\n%s", first.sums, second.sums)
	}
	t.Run("and its program says what it is", func(t *testing.T) { saysWhatItIs(t, first, commit) })
	t.Run("and its lists have what is in it", func(t *testing.T) { listsWhatIsInIt(t, first) })
}

// made is the directory of a release and its checksums.
type made struct{ dir, sums string }

// release makes one of this checkout, for this machine alone, and returns the commit that it is of. The commit has a fixed author
// and time, so that it is the same one each time.
func release(t *testing.T, dir string, env []string) (made, string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	heroku.Checkout(t, dir)
	environ := append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOPROXY="+goEnv(t, "GOPROXY"), "GOSUMDB="+goEnv(t, "GOSUMDB"),
		"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	environ = append(environ, env...)
	run := func(name string, args ...string) string {
		command := exec.CommandContext(t.Context(), name, args...)
		command.Dir, command.Env = dir, environ
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("git", "init", "--quiet", "--initial-branch=main")
	run("git", "add", "--all")
	run("git", "commit", "--quiet", "--message=all")
	run(".ci/release", "1.2.3", "dist", runtime.GOOS+"/"+runtime.GOARCH)
	sums, err := os.ReadFile(filepath.Join(dir, "dist", "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	run("bash", "-c", "cd dist && sha256sum --check --strict --quiet SHA256SUMS")
	return made{dir: filepath.Join(dir, "dist"), sums: string(sums)}, run("git", "rev-parse", "HEAD")
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func saysWhatItIs(t *testing.T, m made, commit string) {
	name := "mlflow-server_1.2.3_" + runtime.GOOS + "_" + runtime.GOARCH
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "tar", "-C", dir, "-xzf", filepath.Join(m.dir, name+".tar.gz")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	printed, err := exec.CommandContext(t.Context(), filepath.Join(dir, name, "mlflow-server"), "version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(printed), "mlflow-server 1.2.3\ncommit        "+commit+"\n") {
		t.Errorf("%v\n%s", err, printed)
	}
	for _, file := range []string{"LICENSE", "README.md", ".env.example"} {
		if _, err := os.Stat(filepath.Join(dir, name, file)); err != nil {
			t.Error(err)
		}
	}
}

// listsWhatIsInIt looks for one module, and for every locked package, in the list for programs and in the one for people.
func listsWhatIsInIt(t *testing.T, m made) {
	text, err := os.ReadFile(filepath.Join(m.dir, "mlflow-server.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var bom struct {
		Metadata   struct{ Timestamp string }
		Components []struct {
			Name, Version, PURL string
			Licenses            []any
			Evidence            struct{ Licenses []any }
		}
	}
	if err := json.Unmarshal(text, &bom); err != nil {
		t.Fatal(err)
	}
	if bom.Metadata.Timestamp != "2026-01-02T03:04:05+00:00" {
		t.Errorf("the list is of %s", bom.Metadata.Timestamp)
	}
	var listed []string
	for _, c := range bom.Components {
		listed = append(listed, c.PURL)
		if len(c.Licenses)+len(c.Evidence.Licenses) == 0 {
			t.Errorf("%s %s has no licence", c.Name, c.Version)
		}
	}
	people, err := os.ReadFile(filepath.Join(m.dir, "LICENSES.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(people), "unknown") {
		t.Errorf("some licences are not known:\n%s", people)
	}
	wanted := map[string]string{"github.com/urfave/cli/v2": "pkg:golang/github.com/urfave/cli/v2@"}
	for _, name := range lockedNames(t) {
		wanted[name] = "pkg:pypi/" + name + "@"
	}
	for name, purl := range wanted {
		if !slices.ContainsFunc(listed, func(l string) bool { return strings.HasPrefix(l, purl) }) {
			t.Errorf("%s is not in the list", name)
		}
		if !strings.Contains("\n"+string(people), "\n"+name+"\t") {
			t.Errorf("%s is not among the licences", name)
		}
	}
}

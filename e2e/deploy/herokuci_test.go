package deploy_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
)

// ciCommand empties the CI that Heroku sets, since a dyno has no Python: what needs one is skipped there by name, and runs
// in .ci/run.
const ciCommand = "CI= go test "

// ciPackages are those that Heroku CI tests.
func ciPackages(t *testing.T) []string {
	t.Helper()
	command, ok := strings.CutPrefix(parseManifest(t, *parseManifest(t, read(t, "app.json")).Environment["test"]).Scripts["test"], ciCommand)
	if !ok {
		t.Fatalf("it does not run %q", ciCommand)
	}
	return strings.Fields(command)
}

// goIn runs go in a directory, as a dyno of Heroku CI does: with what every dyno has set, and an empty CI.
func goIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "CI=", "DYNO=test.1", "PORT=34567", "HEROKU_TEST_RUN_BRANCH=main")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestHerokusCIHasTheTestsThatItRuns: .slugignore is applied in Heroku CI too, and "go test" passes where there is nothing
// left to test. Source: https://github.com/heroku/heroku-ci/issues/39
func TestHerokusCIHasTheTestsThatItRuns(t *testing.T) {
	packages := ciPackages(t)
	pushed := heroku.Push(t)
	tests := func(dir string) string {
		return goIn(t, dir, append([]string{"list", "-f", "{{.ImportPath}} {{.TestGoFiles}} {{.XTestGoFiles}}"}, packages...)...)
	}
	if there, here := tests(pushed), tests(root); there != here || !strings.Contains(here, "_test.go") {
		t.Errorf("there, it tests\n%s\nhere\n%s", there, here)
	}
	t.Run("and they compile there", func(t *testing.T) {
		goIn(t, pushed, append([]string{"vet"}, packages...)...)
	})
	t.Run("and do not mind a dyno's variables", func(t *testing.T) {
		goIn(t, pushed, "test", "./cmd/...", "./internal/config")
	})
}

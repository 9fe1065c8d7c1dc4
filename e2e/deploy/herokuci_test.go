package deploy_test

import (
	"os/exec"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
)

// ciCommand empties the CI that Heroku sets, since a dyno has no Python: what needs one is skipped there by name, and runs
// in .ci/run.
const ciCommand = "CI= go test "

// TestHerokusCIHasTheTestsThatItRuns: .slugignore is applied in Heroku CI too, and "go test" passes where there is nothing
// left to test. Source: https://github.com/heroku/heroku-ci/issues/39
func TestHerokusCIHasTheTestsThatItRuns(t *testing.T) {
	command, ok := strings.CutPrefix(parseManifest(t, *parseManifest(t, read(t, "app.json")).Environment["test"]).Scripts["test"], ciCommand)
	if !ok {
		t.Fatalf("it does not run %q", ciCommand)
	}
	tests := func(dir string) string {
		list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-f", "{{.ImportPath}} {{.TestGoFiles}} {{.XTestGoFiles}}"}, strings.Fields(command)...)...)
		list.Dir = dir
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if pushed, here := tests(heroku.Push(t)), tests(root); pushed != here || !strings.Contains(here, "_test.go") {
		t.Errorf("there, it tests\n%s\nhere\n%s", pushed, here)
	}
}

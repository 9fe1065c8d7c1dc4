package buildpack

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// A program in the cache is found again by what it was made of: what is missing there would leave an old one in use.
func TestTheProgramIsCachedByAllThatItIsMadeOf(t *testing.T) {
	script, err := os.ReadFile("toolchain.sh")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`find (go\.mod .*) -type f`).FindSubmatch(script)
	if found == nil {
		t.Fatal("toolchain.sh does not say what the program is made of")
	}
	parts := strings.Fields(string(found[1]))
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "mlflow-server/cmd/buildpack").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(out)) {
		dir, ours := strings.CutPrefix(name, "mlflow-server/")
		if !ours {
			continue
		}
		covered := false
		for _, part := range parts {
			covered = covered || dir == part || strings.HasPrefix(dir, part+"/")
		}
		if !covered {
			t.Errorf("%s is not among %v", dir, parts)
		}
	}
}

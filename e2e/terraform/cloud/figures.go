package cloud

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// CheckFigure holds a number that docs/aws.md publishes, in the row of a name, to what a test has found.
func CheckFigure(t testing.TB, name string, found int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Repository(t), "docs", "aws.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(name) + ` \| (\d+) \|$`).FindSubmatch(text)
	if row == nil {
		t.Errorf("docs/aws.md has no figure %q; it is %d", name, found)
		return
	}
	if published := string(row[1]); published != strconv.Itoa(found) {
		t.Errorf("%s: %d, and docs/aws.md says %s", name, found, published)
	}
}

var counted = regexp.MustCompile(`(?:Resources: |Success! )(\d+) (?:added, 0 changed, 0 destroyed|destroyed|passed, 0 failed)\.`)

// Counted is the number that terraform ends with: of resources that were made or destroyed, and nothing else, or of tests that passed.
func Counted(t testing.TB, printed string) int {
	t.Helper()
	all := counted.FindAllStringSubmatch(printed, -1)
	if len(all) == 0 {
		t.Errorf("terraform ends with no number, or has done more than that:\n%s", printed[max(0, len(printed)-2000):])
		return -1
	}
	number, err := strconv.Atoi(all[len(all)-1][1])
	if err != nil {
		t.Fatal(err)
	}
	return number
}

package deploy_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var shellPattern = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")

// firstRun is how every page logs a run.
const firstRun = "python -c 'import mlflow\nwith mlflow.start_run(): mlflow.log_metric(\"hello\", 1)'\n"

// TestTheReadmeCountsLinesAsItsPagesHaveThem: a clone, the first lines of the page, and the run.
func TestTheReadmeCountsLinesAsItsPagesHaveThem(t *testing.T) {
	readme := string(read(t, "README.md"))
	for page, figure := range map[string]string{
		"docs/heroku-git.md": "5", "docs/heroku-container.md": "5", "docs/compose.md": "3", "docs/aws.md": "7", "docs/bare.md": "7, 2 files",
	} {
		row := regexp.MustCompile(`(?m)^\| .*\(` + regexp.QuoteMeta(page) + `\).*$`).FindString(readme)
		cells := strings.Split(row, " | ")
		if len(cells) != 4 || cells[1] != figure {
			t.Errorf("the README's row of %s is %q", page, row)
		}
		blocks := shellPattern.FindAllStringSubmatch(string(read(t, page)), -1)
		lines := 0
		for line := range strings.Lines(blocks[0][1]) {
			if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
				lines++
			}
		}
		if want, _, _ := strings.Cut(figure, ","); strconv.Itoa(1+lines+1) != want {
			t.Errorf("%s begins with %d lines, and the README says %s", page, lines, figure)
		}
	}
}

// TestEveryPageEndsInTheSameRun, in one line to paste, of which the shell makes one command.
func TestEveryPageEndsInTheSameRun(t *testing.T) {
	for _, page := range []string{"docs/heroku-button.md", "docs/heroku-git.md", "docs/compose.md", "docs/aws.md", "docs/bare.md"} {
		found := false
		for _, block := range shellPattern.FindAllStringSubmatch(string(read(t, page)), -1) {
			found = found || strings.HasPrefix(block[1], "MLFLOW_TRACKING_URI=") && strings.HasSuffix(block[1], firstRun)
		}
		if !found {
			t.Errorf("%s logs no run", page)
		}
	}
}

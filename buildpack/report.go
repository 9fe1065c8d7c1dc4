package buildpack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// reportFile is where compile leaves what bin/report prints.
const reportFile = "report"

// fallbackReport lies in the app when the cache cannot be written to. Only a failed build, whose app is thrown away, has one.
const fallbackReport = ".mlflow-server-report"

// report is a list of keys and values.
type report struct{ lines []string }

// add takes keys and values in turn; a value that is not known is left out.
func (r *report) add(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if text := strings.Join(strings.Fields(pairs[i+1]), " "); text != "" {
			r.lines = append(r.lines, pairs[i]+": "+text)
		}
	}
}

func (r *report) end(f *Failure, took time.Duration) {
	result := report{}
	if f == nil {
		result.add("result", "success")
	} else {
		result.add("result", "failure", "failure", f.Key, "reason", f.Headline)
	}
	r.lines = append(result.lines, r.lines...)
	r.add("seconds", seconds(took))
}

func (r *report) write(name string, log *output) error {
	return os.WriteFile(name, []byte(log.clean(strings.Join(r.lines, "\n"))+"\n"), 0o644)
}

// Report is what bin/report prints: "key: value" lines about the last build with this CACHE_DIR, whichever way it ended.
func Report(app, cache string) (string, error) {
	text, err := os.ReadFile(filepath.Join(app, fallbackReport))
	if err != nil {
		text, err = os.ReadFile(filepath.Join(cache, "mlflow-server", reportFile))
	}
	if err != nil {
		return "", fmt.Errorf("reading the report of the last build: %w", err)
	}
	return string(text), nil
}

// Package result is what a benchmark found out: figures side by side, with the machine that they are of, as JSON and as
// Markdown.
package result

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"mlflow-server/bench/stats"
)

// Result is what one run of one claim found out.
type Result struct {
	// Claim is its name on the command line, Title its heading.
	Claim string `json:"claim"`
	Title string `json:"title"`
	// Began is when, Seconds how long the run took.
	Began   time.Time `json:"began"`
	Seconds float64   `json:"seconds"`
	Machine Machine   `json:"machine"`
	// Versions of what was measured, by name.
	Versions map[string]string `json:"versions"`
	// Setup is how it was measured, a sentence each; Notes are remarks on what came out.
	Setup   []string `json:"setup"`
	Notes   []string `json:"notes,omitempty"`
	Figures []Figure `json:"figures"`
	// Tables are figures that need more columns.
	Tables []Table `json:"tables,omitempty"`
}

// Table is printed as it is.
type Table struct {
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
}

// Figure is one row: this project's figure, one beside it, and what was expected.
type Figure struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
	Ours Series `json:"ours"`
	// Theirs is nil when there was nothing to compare with.
	Theirs *Series `json:"theirs,omitempty"`
	// Ratio is ours to theirs.
	Ratio       *Ratio       `json:"ratio,omitempty"`
	Expectation *Expectation `json:"expectation,omitempty"`
}

// Series is the samples of one subject.
type Series struct {
	Subject string    `json:"subject"`
	Samples []float64 `json:"samples"`
	stats.Spread
}

// Ratio is that of two series, sample by sample as they were measured side by side.
type Ratio struct {
	Samples []float64 `json:"samples"`
	Median  float64   `json:"median"`
	stats.Interval
}

// Of makes a series.
func Of(subject string, samples ...float64) Series {
	return Series{Subject: subject, Samples: samples, Spread: stats.Of(samples)}
}

// Alone is a figure without one beside it.
func Alone(name, unit string, ours Series) Figure { return Figure{Name: name, Unit: unit, Ours: ours} }

// Beside is a figure with one beside it. The n-th samples of both were taken together.
func Beside(name, unit string, ours, theirs Series) Figure {
	f := Figure{Name: name, Unit: unit, Ours: ours, Theirs: &theirs}
	ratio := &Ratio{}
	for i := range min(len(ours.Samples), len(theirs.Samples)) {
		if theirs.Samples[i] != 0 {
			ratio.Samples = append(ratio.Samples, ours.Samples[i]/theirs.Samples[i])
		}
	}
	if len(ratio.Samples) > 0 {
		ratio.Median, ratio.Interval = stats.Of(ratio.Samples).Median, stats.MedianInterval(ratio.Samples)
		f.Ratio = ratio
	}
	return f
}

// Save writes the result into a directory, as CLAIM.json, and returns the file's name.
func (r Result) Save(dir string) (string, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return "", fmt.Errorf("saving the result: %w", err)
	}
	name := filepath.Join(dir, r.Claim+".json")
	if err := os.WriteFile(name, append(text, '\n'), 0o644); err != nil {
		return "", fmt.Errorf("saving the result: %w", err)
	}
	return name, nil
}

// Load reads what Save has written.
func Load(dir, claim string) (Result, error) {
	var r Result
	text, err := os.ReadFile(filepath.Join(dir, claim+".json"))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return r, fmt.Errorf("reading the result of %s: %w", claim, err)
	}
	return r, nil
}

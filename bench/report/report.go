// Package report writes docs/performance.md from results.
package report

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mlflow-server/bench/artifacts"
	"mlflow-server/bench/attacks"
	"mlflow-server/bench/chart"
	"mlflow-server/bench/claim"
	"mlflow-server/bench/fasttrack"
	"mlflow-server/bench/gate"
	"mlflow-server/bench/lifecycle"
	"mlflow-server/bench/result"
	"mlflow-server/bench/slug"
)

// The text around the tables: what they are, and what is known about the causes.
var (
	//go:embed introduction.md
	introduction string
	//go:embed costs.md
	costs string
	//go:embed reproduce.md
	reproduce string
)

// charts is the directory of the pictures, beside the document.
const charts = "performance"

// Text is the document for the results in a directory, and its pictures by name. A claim without a result is left out.
func Text(results string) (text string, pictures map[string]string, err error) {
	all, err := load(results)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	b.WriteString("<!-- Written by \"go run ./bench report\"; edit bench/report and bench/claim instead. -->\n\n")
	b.WriteString(introduction)
	pictures = map[string]string{}
	for _, r := range all {
		b.WriteString("\n")
		section := r.Markdown()
		if svg := chart.SVG(r); svg != "" {
			name := r.Claim + ".svg"
			pictures[name] = svg
			heading, rest, _ := strings.Cut(section, "\n\n")
			section = fmt.Sprintf("%s\n\n![%s](%s/%s)\n\n%s", heading, r.Title, charts, name, rest)
		}
		b.WriteString(section)
	}
	b.WriteString("\n" + costs + "\n" + reproduce)
	return b.String(), pictures, nil
}

// load reads the results that there are, in the order of the report.
func load(dir string) (all []result.Result, err error) {
	names := []string{}
	for _, c := range claim.All {
		names = append(names, c.Name)
	}
	names = append(append(names, claim.Choices.Name), lifecycle.Names...)
	for _, name := range append(names, fasttrack.Name, fasttrack.SweepName, claim.FirstPage.Name, gate.Name, attacks.Name, artifacts.Name, artifacts.APIName, slug.Name) {
		r, err := result.Load(dir, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// Write writes the document and its pictures for the results in a directory, and the short table into the readme.
func Write(results, document, readme string) error {
	text, pictures, err := Text(results)
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	dir := filepath.Join(filepath.Dir(document), charts)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	errs := []error{os.WriteFile(document, []byte(text), 0o644)}
	for name, svg := range pictures {
		errs = append(errs, os.WriteFile(filepath.Join(dir, name), []byte(svg), 0o644))
	}
	errs = append(errs, updateReadme(results, readme))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

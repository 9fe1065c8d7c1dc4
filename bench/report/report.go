// Package report writes docs/performance.md from results.
package report

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"mlflow-server/bench/artifacts"
	"mlflow-server/bench/attacks"
	"mlflow-server/bench/claim"
	"mlflow-server/bench/gate"
	"mlflow-server/bench/result"
	"mlflow-server/bench/slug"
)

// The text around the tables: what they are, and what is known about the causes.
var (
	//go:embed introduction.md
	introduction string
	//go:embed reproduce.md
	reproduce string
)

// Text is the document for the results in a directory. A claim without a result is left out.
func Text(results string) (string, error) {
	var b strings.Builder
	b.WriteString("<!-- Written by \"go run ./bench report\"; edit bench/report and bench/claim instead. -->\n\n")
	b.WriteString(introduction)
	names := []string{}
	for _, c := range claim.All {
		names = append(names, c.Name)
	}
	for _, name := range append(names, claim.FirstPage.Name, gate.Name, attacks.Name, artifacts.Name, artifacts.APIName, slug.Name) {
		r, err := result.Load(results, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		b.WriteString("\n" + r.Markdown())
	}
	b.WriteString("\n" + reproduce)
	return b.String(), nil
}

// Write writes the document for the results in a directory.
func Write(results, name string) error {
	text, err := Text(results)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

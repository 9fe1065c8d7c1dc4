package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"mlflow-server/internal/terminal"
)

// WriteTable writes the findings for a person.
func WriteTable(w io.Writer, all []Finding, look terminal.Look) error {
	widest := 0
	for _, f := range all {
		widest = max(widest, len(f.Check))
	}
	text := len("fail") + 2 + widest + 2 // the column where texts begin
	var b strings.Builder
	for _, f := range all {
		line := terminal.Wrap(strings.Repeat(" ", text)+f.Text, look.Width, text)
		b.WriteString(look.Paint(colours[f.State], fmt.Sprintf("%-4s", f.State)) + "  " + fmt.Sprintf("%-*s", widest, f.Check) + "  ")
		b.WriteString(strings.TrimLeft(line, " ") + "\n")
		if f.Fix != "" {
			b.WriteString(terminal.Wrap(strings.Repeat(" ", text)+"→ "+f.Fix, look.Width, text+2) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var colours = map[State]string{OK: terminal.Green, Warning: terminal.Yellow, Failure: terminal.Red}

// WriteJSON writes the findings for a program.
func WriteJSON(w io.Writer, all []Finding) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		State    State     `json:"state"`
		Findings []Finding `json:"findings"`
	}{Worst(all), all})
}

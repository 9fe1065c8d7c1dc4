package result

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Markdown is the result as a section: its table, then what was measured, how and on what.
func (r Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", r.Title)
	b.WriteString("| | mlflow-server | beside it | ratio | expected | |\n|-|-|-|-|-|-|\n")
	for _, f := range r.Figures {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", f.label(), f.ours(), f.theirs(), f.ratio(), f.expected(), f.verdict())
	}
	b.WriteByte('\n')
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "%s:\n\n| %s |\n|%s\n", t.Title, strings.Join(t.Head, " | "), strings.Repeat("-|", len(t.Head)))
		for _, row := range t.Rows {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		}
		b.WriteByte('\n')
	}
	for _, s := range slices.Concat(r.Setup, r.Notes) {
		fmt.Fprintf(&b, "- %s\n", s)
	}
	fmt.Fprintf(&b, "- %s.\n", r.conditions())
	return b.String()
}

// Figure finds a figure by its name and unit, as the table has them.
func (r Result) Figure(label string) (Figure, bool) {
	for _, f := range r.Figures {
		if f.label() == label {
			return f, true
		}
	}
	return Figure{}, false
}

// Short is the figure as a row of a table of highlights: medians only, under another name.
func (f Figure) Short(name string) string {
	theirs, ratio := "–", "–"
	if f.Theirs != nil {
		theirs = fmt.Sprintf("%s (%s)", f.value(*f.Theirs), f.Theirs.Subject)
	}
	if f.Ratio != nil {
		ratio = Number(f.Ratio.Median) + "×"
	}
	return fmt.Sprintf("| %s | %s | %s | %s |", name, f.value(f.Ours), theirs, ratio)
}

func (f Figure) value(s Series) string { return strings.TrimSpace(Number(s.Median) + " " + f.Unit) }

// conditions is one line about when, where and of what.
func (r Result) conditions() string {
	versions := []string{}
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		versions = append(versions, name+" "+r.Versions[name])
	}
	m := r.Machine
	return fmt.Sprintf("Measured on %s in %.0f s: %d cores of %s, %s MB, %s, kernel %s, load average before it %.1f; %s",
		r.Began.UTC().Format("2006-01-02 15:04 UTC"), r.Seconds, m.Cores, m.CPU, Number(float64(m.Memory)), m.OS, m.Kernel, m.Load,
		strings.Join(versions, ", "))
}

func (f Figure) label() string {
	if f.Unit == "" {
		return f.Name
	}
	return f.Name + ", " + f.Unit
}

func (f Figure) ours() string { return f.Ours.text() }

func (f Figure) theirs() string {
	if f.Theirs == nil {
		return "–"
	}
	return f.Theirs.Subject + ": " + f.Theirs.text()
}

func (f Figure) ratio() string {
	r := f.Ratio
	switch {
	case r == nil:
		return "–"
	case len(r.Samples) == 1:
		return Number(r.Median)
	case r.Confidence < 0.95: // too few samples for more
		return fmt.Sprintf("%s (%s–%s, %.0f %%)", Number(r.Median), Number(r.Low), Number(r.High), 100*r.Confidence)
	default:
		return fmt.Sprintf("%s (%s–%s)", Number(r.Median), Number(r.Low), Number(r.High))
	}
}

func (f Figure) expected() string {
	e := f.Expectation
	if e == nil {
		return "–"
	}
	sign, of := "≤", ""
	if e.AtLeast {
		sign = "≥"
	}
	if e.Of != "value" {
		of = e.Of + " "
	}
	return of + sign + " " + Number(e.Limit)
}

func (f Figure) verdict() string {
	if f.Expectation == nil {
		return ""
	}
	if f.Expectation.Verdict == Met {
		return string(Met)
	}
	return "**" + string(f.Expectation.Verdict) + "**"
}

// text is the median, and from the lowest to the highest sample.
func (s Series) text() string {
	if len(s.Samples) == 0 {
		return "–"
	}
	if len(s.Samples) == 1 {
		return Number(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", Number(s.Median), Number(s.Low), Number(s.High))
}

// Number writes a value for people: it has three digits that matter, four from 0.9 to 1.1 where ratios crowd, and commas between thousands.
func Number(v float64) string {
	size := math.Abs(v)
	decimals := 0
	switch {
	case size == 0:
	case size < 1:
		decimals = min(2-int(math.Floor(math.Log10(size))), 6)
	case size < 10:
		decimals = 2
	case size < 100:
		decimals = 1
	}
	if size >= 0.9 && size < 1.1 {
		decimals = 3
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if decimals > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	whole, rest, _ := strings.Cut(text, ".")
	digits := strings.TrimPrefix(whole, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if strings.HasPrefix(whole, "-") {
		digits = "-" + digits
	}
	if rest != "" {
		digits += "." + rest
	}
	return digits
}

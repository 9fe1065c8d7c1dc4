// Package chart draws a benchmark's result as SVG, for a page that shows it light or dark.
package chart

import (
	"fmt"
	"html"
	"math"
	"strings"

	"mlflow-server/bench/result"
)

// Sizes in pixels.
const (
	width  = 820
	margin = 16
	row    = 40
	head   = 46
	foot   = 34
	right  = 150 // for the figure at the end of a row
)

const style = `text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}.faint{fill:#59636e;font-size:12px}` +
	`.line{stroke:#d1d9e0}.one{stroke:#59636e}.ours{fill:#0969da}.theirs{fill:#9aa4af}.range{stroke:#0969da;stroke-width:5;stroke-linecap:round;opacity:.35}` +
	`.limit{stroke:#bc4c00;stroke-width:2;stroke-dasharray:3 2}` +
	`@media(prefers-color-scheme:dark){text{fill:#e6edf3}.faint{fill:#9198a1}.line{stroke:#3d444d}.one{stroke:#9198a1}.ours{fill:#4493f8}` +
	`.theirs{fill:#656c76}.range{stroke:#4493f8}.limit{stroke:#db6d28}}`

// SVG draws the ratios of a result with their intervals, or, where it has none, the values. It is empty for a result
// without figures.
func SVG(r result.Result) string {
	var ratios, values []result.Figure
	for _, f := range r.Figures {
		switch {
		case f.Ratio != nil && f.Ratio.Median > 0 && f.Ratio.Low > 0:
			ratios = append(ratios, f)
		case len(f.Ours.Samples) > 0:
			values = append(values, f)
		}
	}
	switch {
	case len(ratios) > 0:
		return drawRatios(r.Title, ratios)
	case len(values) > 0:
		return drawValues(r.Title, values)
	}
	return ""
}

// drawing collects the parts of a picture.
type drawing struct {
	strings.Builder
	height int
}

func begin(title, explanation string, rows int) *drawing {
	d := &drawing{height: head + rows*row + foot}
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n",
		width, d.height, width, d.height, html.EscapeString(title))
	fmt.Fprintf(d, "<style>%s</style>\n", style)
	d.text(margin, 22, "title", title)
	d.text(margin, 40, "faint", explanation)
	return d
}

func (d *drawing) end() string {
	d.WriteString("</svg>\n")
	return d.String()
}

func (d *drawing) text(x, y float64, class, text string) {
	fmt.Fprintf(d, `<text x="%.0f" y="%.0f" class="%s">%s</text>`+"\n", x, y, class, html.EscapeString(strings.ReplaceAll(text, "`", "")))
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(d, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", class, x1, y1, x2, y2)
}

// drawRatios has a point and its interval in each row, on a logarithmic axis.
func drawRatios(title string, figures []result.Figure) string {
	low, high := 1.0, 1.0
	for _, f := range figures {
		low, high = min(low, f.Ratio.Low, f.Ratio.Median), max(high, f.Ratio.High, f.Ratio.Median)
		if e := limit(f); e > 0 {
			low, high = min(low, e), max(high, e)
		}
	}
	low, high = math.Log10(low)-0.05, math.Log10(high)+0.05
	at := func(v float64) float64 {
		return margin + (math.Log10(v)-low)/(high-low)*float64(width-2*margin-right)
	}
	d := begin(title, "mlflow-server divided by what is beside it: the median and the interval of the true ratio; dashed: what was expected", len(figures))
	bottom := float64(d.height - foot)
	for _, tick := range ticks(low, high) {
		class := "line"
		if tick == 1 {
			class = "one"
		}
		d.line(class, at(tick), head+4, at(tick), bottom)
		fmt.Fprintf(d, `<text x="%.1f" y="%.1f" class="faint" text-anchor="middle">%s×</text>`+"\n", at(tick), bottom+18, result.Number(tick))
	}
	for i, f := range figures {
		y := float64(head + i*row)
		d.text(margin, y+17, "", f.Name+besides(f))
		d.line("range", at(f.Ratio.Low), y+30, at(f.Ratio.High), y+30)
		if e := limit(f); e > 0 {
			d.line("limit", at(e), y+22, at(e), y+38)
		}
		fmt.Fprintf(d, `<circle class="ours" cx="%.1f" cy="%.1f" r="5"/>`+"\n", at(f.Ratio.Median), y+30)
		d.text(width-margin-right+20, y+34, "", result.Number(f.Ratio.Median)+"×")
	}
	return d.end()
}

// besides names what a figure is beside, unless its own name does.
func besides(f result.Figure) string {
	name := strings.ReplaceAll(f.Theirs.Subject, "`", "")
	if strings.Contains(strings.ReplaceAll(f.Name, "`", ""), name) {
		return ""
	}
	return ", beside " + name
}

// limit is the ratio that was expected, 0 for none.
func limit(f result.Figure) float64 {
	if f.Expectation == nil || f.Expectation.Of != "ratio" {
		return 0
	}
	return f.Expectation.Limit
}

// ticks are 1, 2 and 5 times the powers of ten within a range of logarithms, fewer of them where it is wide.
func ticks(low, high float64) (all []float64) {
	steps := []float64{1, 2, 5}
	if high-low > 2.5 {
		steps = steps[:1]
	}
	for power := math.Floor(low); power <= high; power++ {
		for _, s := range steps {
			if v := math.Log10(s) + power; v >= low && v <= high {
				all = append(all, s*math.Pow(10, power))
			}
		}
	}
	return all
}

// drawValues has a bar for ours and one for theirs in each row; each unit has a scale of its own.
func drawValues(title string, figures []result.Figure) string {
	most := map[string]float64{}
	for _, f := range figures {
		most[f.Unit] = max(most[f.Unit], f.Ours.Median)
		if f.Theirs != nil {
			most[f.Unit] = max(most[f.Unit], f.Theirs.Median)
		}
	}
	d := begin(title, "medians; bars of one unit have one scale", len(figures))
	for i, f := range figures {
		y := float64(head + i*row)
		d.text(margin, y+17, "", f.Name)
		bar := func(class string, v, y, height float64) {
			length := max(1, v/max(most[f.Unit], 1e-9)*float64(width-2*margin-right))
			fmt.Fprintf(d, `<rect class="%s" x="%d" y="%.1f" width="%.1f" height="%.0f" rx="2"/>`+"\n", class, margin, y, length, height)
		}
		text := result.Number(f.Ours.Median) + " " + f.Unit
		class := "ours"
		if strings.Contains(f.Name, "`mlflow server`") {
			class = "theirs"
		}
		if f.Theirs == nil {
			bar(class, f.Ours.Median, y+24, 10)
		} else {
			bar(class, f.Ours.Median, y+22, 7)
			bar("theirs", f.Theirs.Median, y+30, 7)
			text += " / " + result.Number(f.Theirs.Median)
		}
		d.text(width-margin-right+20, y+34, "", text)
	}
	return d.end()
}

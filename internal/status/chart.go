package status

import (
	"fmt"
	"html/template"
	"strings"

	"mlflow-server/internal/metrics"
)

// Sizes of a chart in its own units; it takes the width that there is.
const (
	barWidth    = 6
	chartHeight = 84
)

// series is one colour of a chart: a CSS class and its value in each minute. Of several, each stands on the one before.
type series struct {
	class string
	of    func(metrics.Minute) float64
}

// chart draws an hour of minutes as bars. label says a bar in words, for whoever points at it.
func chart(title string, minutes []metrics.Minute, label func(metrics.Minute) string, all ...series) template.HTML {
	most := 0.0
	for _, m := range minutes {
		sum := 0.0
		for _, s := range all {
			sum += s.of(m)
		}
		most = max(most, sum)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %d %d" preserveAspectRatio="none" role="img" aria-label="%s">`,
		barWidth*len(minutes), chartHeight, template.HTMLEscapeString(title))
	for i, m := range minutes {
		top, bars := float64(chartHeight), ""
		for _, s := range all {
			value := s.of(m)
			if value == 0 || most == 0 {
				continue
			}
			height := max(value/most*(chartHeight-2), 2)
			top -= height
			bars += fmt.Sprintf(`<rect class="%s" x="%d" y="%.1f" width="%d" height="%.1f"/>`, s.class, i*barWidth+1, top, barWidth-2, height)
		}
		if bars == "" {
			bars = fmt.Sprintf(`<rect class="none" x="%d" y="%d" width="%d" height="1"/>`, i*barWidth+1, chartHeight-1, barWidth-2)
		}
		fmt.Fprintf(&b, `<g><title>%s</title>%s</g>`, template.HTMLEscapeString(label(m)), bars)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // numbers, and what is escaped above
}

// charts are the three of the page.
func charts(minutes []metrics.Minute) []shownChart {
	requests, refused, failed, slowest := 0, 0, 0, 0.0
	for _, m := range minutes {
		requests, refused, failed = requests+m.Requests, refused+m.Refused, failed+m.Failed
		slowest = max(slowest, m.Slow)
	}
	at := func(m metrics.Minute) string { return m.Start.UTC().Format("15:04") + " UTC: " }
	return []shownChart{
		{"Requests", number(requests), "in the last hour", chart("Requests in each minute of the last hour", minutes,
			func(m metrics.Minute) string { return at(m) + number(m.Requests) + " requests" },
			series{"all", func(m metrics.Minute) float64 { return float64(m.Requests) }})},
		{"Errors", number(failed), "failed, and " + number(refused) + " refused", chart("Errors in each minute of the last hour", minutes,
			func(m metrics.Minute) string {
				return at(m) + number(m.Failed) + " failed, " + number(m.Refused) + " refused"
			},
			series{"failed", func(m metrics.Minute) float64 { return float64(m.Failed) }},
			series{"refused", func(m metrics.Minute) float64 { return float64(m.Refused) }})},
		{"Answer time", milliseconds(slowest), "for 19 of 20, in the slowest minute", chart("Answer time in each minute of the last hour", minutes,
			func(m metrics.Minute) string { return at(m) + "19 of 20 within " + milliseconds(m.Slow) },
			series{"time", func(m metrics.Minute) float64 { return m.Slow }})},
	}
}

type shownChart struct {
	Title, Value, Note string
	Picture            template.HTML
}

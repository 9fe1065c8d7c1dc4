package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"mlflow-server/bench/result"
)

func TestAPictureIsWellFormedAndHasEveryRow(t *testing.T) {
	for name, r := range map[string]result.Result{
		"ratios": {Title: "What <it> costs", Figures: []result.Figure{
			result.Beside("first & `one`", "s", result.Of("ours", 1, 2, 3), result.Of("`theirs`", 2, 2, 2)).RatioAtMost(0.5),
			result.Beside("second", "s", result.Of("ours", 1000), result.Of("theirs", 1)),
			result.Beside("with nothing beside it", "s", result.Of("ours", 1), result.Of("theirs", 0)),
		}},
		"values": {Title: "What it holds", Figures: []result.Figure{
			result.Alone("first", "MB", result.Of("ours", 0)), result.Alone("second", "s", result.Of("ours", 5)),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			svg := SVG(r)
			decoder := xml.NewDecoder(strings.NewReader(svg))
			for {
				if _, err := decoder.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%v in\n%s", err, svg)
				}
			}
			for _, want := range []string{"first", "second", "prefers-color-scheme"} {
				if !strings.Contains(svg, want) {
					t.Errorf("no %q in\n%s", want, svg)
				}
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || strings.Contains(svg, "`") {
				t.Error(svg)
			}
		})
	}
	if svg := SVG(result.Result{Title: "Nothing"}); svg != "" {
		t.Error(svg)
	}
}

func TestAnAxisHasAFewTicks(t *testing.T) {
	for _, r := range [][2]float64{{-0.1, 0.1}, {-1, 1}, {-2, 3}, {0, 2.4}} {
		if n := len(ticks(r[0], r[1])); n < 1 || n > 9 {
			t.Errorf("%v: %v", r, ticks(r[0], r[1]))
		}
	}
}

package artifacts

import (
	"context"
	"strings"
	"testing"

	"mlflow-server/bench/result"
)

func TestASmallRunHasEveryFigure(t *testing.T) {
	for name, c := range map[string]struct {
		measure func(context.Context, Scale, map[string]string, func(string)) (result.Result, error)
		figures []string
	}{
		Name: {Measure, []string{"up, 12 MB", "down, 12 MB", "last byte to answer", "first byte", "beside the aws command",
			"memory of all processes", "same SHA-256"}},
		APIName: {MeasureAPI, []string{"99th percentile", "straight to the store", "the uploads meanwhile", "processor time"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := c.measure(t.Context(), Smoke, nil, func(line string) { t.Log(line) })
			if err != nil {
				t.Fatal(err)
			}
			text := r.Markdown()
			for _, want := range c.figures {
				if !strings.Contains(text, want) {
					t.Errorf("there is no %q in\n%s", want, text)
				}
			}
		})
	}
}

package artifacts

import (
	"strings"
	"testing"
)

func TestASmallRunHasEveryFigure(t *testing.T) {
	r, err := Measure(t.Context(), Smoke, nil, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	text := r.Markdown()
	for _, want := range []string{"up, 12 MB", "down, 12 MB", "last byte to answer", "first byte", "memory of all processes", "runs/get p99 beside uploads", "same SHA-256"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

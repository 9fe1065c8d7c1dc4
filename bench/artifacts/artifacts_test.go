package artifacts

import (
	"strings"
	"testing"

	"mlflow-server/bench/result"
)

func TestASmallRunHasEveryFigure(t *testing.T) {
	// Both measurements on the same servers, whose start is what takes time.
	steps := append(transfers(), (*bench).api)
	r, err := measure(t.Context(), result.Result{Title: "Both"}, Smoke, nil, func(line string) { t.Log(line) }, steps...)
	if err != nil {
		t.Fatal(err)
	}
	text := r.Markdown()
	for _, want := range []string{
		"up, 12 MB", "down, 12 MB", "last byte to answer, 12 MB", "without the store's own completion", "first byte", "beside the aws command", "memory of all processes", "same SHA-256",
		"99th percentile", "straight to the store", "the uploads meanwhile", "processor time",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

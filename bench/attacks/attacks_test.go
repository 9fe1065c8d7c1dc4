package attacks

import (
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestASmallRunHasEveryFigure(t *testing.T) {
	harness.Runtime(t)
	r, err := Measure(t.Context(), Smoke, nil, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	text := r.Markdown()
	for _, want := range []string{"looked at", "put off", "beside connections held open", "an unknown user", "largest difference", "guesses"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

package main

import (
	"strings"
	"testing"

	"mlflow-server/bench/claim"
	"mlflow-server/bench/result"
	"mlflow-server/e2e/harness"
)

// The fake's page has one script, which a browser keeps.
func TestOpeningAPageIsMeasuredInABrowser(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	harness.Runtime(t)
	r, err := bench(t).Measure(t.Context(), claim.FirstPage)
	if err != nil {
		t.Fatal(err)
	}
	figures := map[string]result.Figure{}
	for _, f := range r.Figures {
		figures[f.Name] = f
		for _, s := range []*result.Series{&f.Ours, f.Theirs} {
			if strings.HasSuffix(f.Name, "main script runs") && s == f.Theirs {
				continue // that of the fake does nothing
			}
			check(t, f.Name, f.Unit, *s)
		}
	}
	if len(figures) < 20 {
		t.Errorf("%d figures", len(figures))
	}
	for _, page := range []string{"list of experiments", "runs of an experiment"} {
		first, second := figures[page+", first visit: bytes"], figures[page+", second visit: bytes"]
		if theirs := first.Theirs.Samples[0] * 1000; theirs < fakeScript || theirs > fakeScript+2000 {
			t.Errorf("%s: the fake's page took %v bytes", page, theirs)
		}
		if first.Theirs.Samples[0] < 10*second.Theirs.Samples[0] || first.Ours.Samples[0] < 10*second.Ours.Samples[0] {
			t.Errorf("%s: the second visit takes as much as the first: %v, %v", page, first, second)
		}
	}
}

package lifecycle

import (
	"context"
	"io"
	"strings"
	"testing"

	"mlflow-server/bench/result"
	"mlflow-server/e2e/harness"
)

func TestASmallRunHasEveryFigure(t *testing.T) {
	harness.Runtime(t)
	// On SQLite, where each measurement needs but one kind of server.
	o := options{database: sqlite, workers: 2}
	r, err := measure(t.Context(), o, Smoke, "all", "All", io.Discard,
		func(ctx context.Context, s *servers, scale Scale, r *result.Result, out io.Writer) error {
			for _, m := range []measurement{soak, kills, losses} {
				if err := m.do(ctx, s, scale, r, out); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]result.Series{}
	for _, f := range r.Figures {
		values[f.Name] = f.Ours
	}
	for _, c := range []struct {
		name          string
		samples       int
		atLeast, most float64
	}{
		{"mlflow-server: memory of all processes", 3, 50, 4_000},
		{"mlflow-server: growth in an hour", 3, -1e6, 1e6},
		{"mlflow-server: failed", 1, 0, 0},
		{"One worker killed: until its successor is ready", 2, 1, 180_000},
		{"All of MLflow killed: until a search is answered", 2, 0.05, 180},
		{"SQLite: acknowledged writes that are lost", 1, 0, 0},
		{"SQLite: acknowledged writes", 1, 1, 10_000},
		{"SQLite: writes without an answer", 1, 0, 10_000},
	} {
		s := values[c.name]
		if len(s.Samples) < c.samples || s.Low < c.atLeast || s.High > c.most {
			t.Errorf("%s: %v", c.name, s)
		}
	}
	if text := r.Markdown(); !strings.Contains(text, "median ≤ 300") {
		t.Errorf("there is no expectation of a kill in\n%s", text)
	}
	if _, err := r.Save(t.TempDir()); err != nil { // a figure that is no number cannot be
		t.Error(err)
	}
}

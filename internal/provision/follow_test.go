package provision

import (
	"path/filepath"
	"testing"
	"time"
)

func TestHowFarAnInstallationIsCanBeAsked(t *testing.T) {
	f := &Follower{Progress: Silent{}}
	for _, c := range []struct {
		step     string
		finished bool
		want     Position
	}{
		{"", false, Position{"", 0, 6}},
		{"Getting uv", false, Position{"getting uv", 0, 6}},
		{"Getting uv", true, Position{"", 1, 6}},
		{"Installing Python 3.12", false, Position{"installing Python", 1, 6}},
		{"Installing Python 3.12", true, Position{"", 1, 6}},
		{"Installing MLflow 3.17.2", false, Position{"installing MLflow", 1, 6}},
		{"Installing MLflow 3.17.2", true, Position{"", 2, 6}},
		{"Checking the runtime", false, Position{"checking the runtime", 5, 6}}, // nothing to compress, for one
		{"Checking the runtime", true, Position{"", 6, 6}},
	} {
		switch {
		case c.finished:
			f.Finished(c.step, "", 0, 0)
		case c.step != "":
			f.Started(c.step)
		}
		if got := f.Position(); got != c.want {
			t.Errorf("%q, finished %v: %+v, want %+v", c.step, c.finished, got, c.want)
		}
	}
}

// positions asks a Follower at every step.
type positions struct {
	Silent
	f   *Follower
	all []Position
}

func (p *positions) Finished(string, string, time.Duration, int64) {
	p.all = append(p.all, p.f.Position())
}

func TestAnInstallationGoesForwardToItsLastStep(t *testing.T) {
	t.Parallel()
	seen := &positions{}
	seen.f = &Follower{Progress: seen}
	if _, err := Install(t.Context(), Options{Dir: filepath.Join(t.TempDir(), "r"), Environ: fakeUV(t), Progress: seen.f}); err != nil {
		t.Fatal(err)
	}
	before := 0
	for _, p := range seen.all {
		if p.Done < before || p.Done > p.All {
			t.Errorf("%d of %d steps after %d", p.Done, p.All, before)
		}
		before = p.Done
	}
	if before != len(counted) || len(seen.all) < 5 || seen.all[0].Done != 1 || seen.all[1].Done != 2 {
		t.Errorf("it went %+v", seen.all)
	}
}

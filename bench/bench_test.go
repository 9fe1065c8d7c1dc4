package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/bench/claim"
	"mlflow-server/bench/database"
	"mlflow-server/bench/front"
	"mlflow-server/bench/peer"
	"mlflow-server/bench/process"
	"mlflow-server/bench/report"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
	"mlflow-server/e2e/harness"
)

// plausible is what any machine gives, by a figure's unit: a mistake in a unit or a count falls outside, slowness does not.
var plausible = map[string][2]float64{
	"requests/s": {0.1, 100_000},
	"requests":   {0, 0}, // that failed
	"refused":    {0, 0},
	"times":      {0.001, 10_000},
	"answers/s":  {0, 100_000},
	"of 512 MB":  {1, 512},
	"processes":  {0, 100}, // that were killed
	"%":          {0, 100},
	"ms":         {0, 300_000},
	"s":          {0.01, 300},
	"kB":         {0.1, 20_000},
	"MB":         {1, 4_000},
	"":           {1, 100},
}

// The product is the real one; MLflow's own servers are played by fake_test.go, since the real ones take a minute to start.
func TestEveryClaimRunsAndGivesPlausibleFigures(t *testing.T) {
	b := bench(t)
	results := t.TempDir()
	measured := map[string]bool{} // with -run, not all
	for _, c := range claim.All {
		t.Run(c.Name, func(t *testing.T) {
			measured[c.Name] = true
			if c.Name == "scale" { // instances do not share a file
				defer func(before database.Store) { b.Store = before }(b.Store)
				b.Store = postgres(t, b.Dir)
			}
			r, err := b.Measure(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(strings.Join(r.Notes, "\n"), process.ErrNoMemoryGroup.Error()) {
				harness.Missing(t, "%v", process.ErrNoMemoryGroup)
			}
			for _, program := range []string{"nginx", "openssl"} {
				if missing := (front.Missing{Program: program}).Error(); strings.Contains(strings.Join(r.Notes, "\n"), missing) {
					harness.Missing(t, "%s", missing)
				}
			}
			t.Cleanup(func() {
				if t.Failed() {
					t.Log(strings.Join(r.Notes, "\n"))
				}
			})
			if len(r.Figures) == 0 || r.Seconds <= 0 || r.Machine.Cores < 1 {
				t.Errorf("%+v", r)
			}
			peers := 0
			for _, f := range r.Figures {
				check(t, f.Name, f.Unit, f.Ours)
				if f.Theirs != nil {
					check(t, f.Name, f.Unit, *f.Theirs)
				}
				if strings.Contains(f.Ours.Subject, "mlflow server") || f.Theirs != nil && strings.Contains(f.Theirs.Subject, "mlflow server") {
					peers++
				}
			}
			if peers == 0 {
				t.Error("nothing was compared with MLflow's own server")
			}
			if notes := strings.Join(r.Notes, "\n"); strings.Contains(notes, "failed") || strings.Contains(notes, "killed") {
				t.Error(notes)
			}
			if _, err := r.Save(results); err != nil {
				t.Error(err)
			}
		})
	}
	own, err := process.Tree(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range own[1:] {
		if strings.Contains(p.Command, "mlflow") || strings.Contains(p.Command, "python") {
			t.Errorf("%v is left", p)
		}
	}
	text, pictures, err := report.Text(results)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range claim.All {
		if !measured[c.Name] {
			continue
		}
		if !strings.Contains(text, "## "+c.Title) {
			t.Errorf("%s is missing in the report", c.Name)
		}
		if pictures[c.Name+".svg"] == "" {
			t.Errorf("%s has no picture", c.Name)
		}
	}
}

// A choice that cannot be undone any more has to be measured otherwise.
func TestEveryChoiceCanBeUndone(t *testing.T) {
	r, err := bench(t).Measure(t.Context(), claim.Choices)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Figures {
		check(t, f.Name, f.Unit, f.Ours)
		check(t, f.Name, f.Unit, *f.Theirs)
	}
	if len(r.Figures) < 15+6 { // with the threaded server's
		t.Errorf("%d figures", len(r.Figures))
	}
}

func check(t *testing.T, name, unit string, s result.Series) {
	t.Helper()
	limits, known := plausible[unit]
	if !known || len(s.Samples) == 0 {
		t.Errorf("%s: %d samples in %q", name, len(s.Samples), unit)
	}
	for _, v := range s.Samples {
		if math.IsNaN(v) || v < limits[0] || v > limits[1] {
			t.Errorf("%s of %s: %v %s", name, s.Subject, v, unit)
		}
	}
}

func bench(t *testing.T) *claim.Bench {
	t.Helper()
	runtime := harness.Runtime(t)
	dir, err := os.MkdirTemp("", "mlflow-bench-") // t.TempDir's path is too long for the sockets in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	product, err := subject.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	mlflow := peer.MLflow{Dir: filepath.Join(dir, "peer")}
	if err := installFake(mlflow.Bin()); err != nil {
		t.Fatal(err)
	}
	return &claim.Bench{
		Product: product, Runtime: runtime, Peer: &mlflow, Store: database.SQLite(dir), Scale: claim.Smoke, Dir: dir,
		Progress: func(line string) { t.Log(line) },
	}
}

func postgres(t *testing.T, dir string) database.Store {
	t.Helper()
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // PostgreSQL, which does not run as root, passes through
		t.Fatal(err)
	}
	store, err := database.Postgres(t.Context(), dir)
	if err != nil {
		harness.Missing(t, "%v", err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestTheReportIsThatOfTheSavedResults(t *testing.T) {
	text, pictures, err := report.Text("results")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"../docs/performance.md": text}
	if want["../README.md"], err = report.Readme("results", string(readme)); err != nil {
		t.Fatal(err)
	}
	for name, svg := range pictures {
		want["../docs/performance/"+name] = svg
	}
	for name, text := range want {
		if got, err := os.ReadFile(name); err != nil || string(got) != text {
			t.Errorf(`%s is not what bench/results gives: run "go run ./bench report" (%v)`, name, err)
		}
	}
	there, err := filepath.Glob("../docs/performance/*")
	if err != nil || len(there) != len(pictures) {
		t.Errorf("%d pictures for %d results (%v)", len(there), len(pictures), err)
	}
}

func TestWrongCommandsAndFlagsAreErrors(t *testing.T) {
	for _, args := range [][]string{{"speed"}, {"login", "-database", "oracle", "-peers=false"}, {"login", "-fast"}} {
		var out bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		if err := newApp(&out, &out).RunContext(ctx, append([]string{"bench"}, args...)); err == nil {
			t.Errorf("%v: no error", args)
		}
		cancel()
	}
}

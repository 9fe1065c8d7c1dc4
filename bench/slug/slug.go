// Package slug measures what the buildpack makes and how long it takes, beside installing MLflow the way its own
// documentation says, with uv.
package slug

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"mlflow-server/bench/result"
	"mlflow-server/e2e/buildpack/heroku"
	"mlflow-server/e2e/harness"
	"mlflow-server/internal/provision"
)

// Name is the claim's name, for the command and the file of its result.
const Name = "slug"

// Rounds is how often a warm build and the installation beside it are measured. A cold one is measured once: it fetches
// everything anew, and one should not ask an index for that again and again.
const Rounds = 3

// Measure builds this repository like Heroku, with nothing in its caches and then again, and installs mlflow in the same
// two states of uv's cache. It needs root for nothing, the network, and 4 GB of disk; progress hears a line for each step.
func Measure(ctx context.Context, rounds int, progress func(string)) (r result.Result, err error) {
	began := time.Now()
	p, err := newPlace(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.close(), harness.CleanUp()) }()
	r = result.Result{Claim: Name, Title: "What a build for Heroku takes and makes", Began: began.Truncate(time.Second), Machine: result.ThisMachine()}
	err = p.guard(func() { measure(p, &r, rounds, progress) })
	r.Seconds = time.Since(began).Seconds()
	return r, err
}

func measure(p *place, r *result.Result, rounds int, progress func(string)) {
	progress("packing Go, uv and Python to be fetched by the build")
	downloads := heroku.Serve(p)
	uv, version, err := provision.FindUV(p.Context(), provision.Options{})
	p.must(err)
	b := heroku.NewBuild(p, "", downloads.Settings())
	build := func() float64 {
		if b.App != "" {
			p.must(os.RemoveAll(b.App))
		}
		b.App = heroku.Push(p)
		downloads.Pin(p, b.App)
		return b.MustRun(p, "compile").Took.Seconds()
	}
	full := &installation{place: p, uv: uv, dir: p.TempDir(), settings: downloads.Settings()}

	progress("building with nothing in the cache")
	coldBuild := build()
	full.python = filepath.Join(p.TempDir(), "python")
	p.must(os.CopyFS(full.python, os.DirFS(filepath.Join(b.App, ".mlflow", "python"))))
	progress("installing the full mlflow with nothing in the cache")
	coldFull := full.install()
	var warmBuild, warmFull, cold []float64
	for n := range rounds {
		progress(fmt.Sprintf("both again with what is in their caches, %d of %d", n+1, rounds))
		warmBuild, warmFull, cold = append(warmBuild, build()), append(warmFull, full.install()), append(cold, coldBuild)
	}

	const ours, theirs = "this buildpack", "`uv pip install mlflow`"
	r.Figures = append(r.Figures,
		result.Beside("nothing cached", "s", result.Of(ours, coldBuild), result.Of(theirs, coldFull)),
		result.Beside("with caches", "s", result.Of(ours, warmBuild...), result.Of(theirs, warmFull...)),
		atMost(result.Beside("with caches, beside nothing cached", "s", result.Of(ours, warmBuild...), result.Of("nothing cached", cold...)), 0.25),
		result.Alone("with caches", "s", result.Of(ours, warmBuild...)).ValueAtMost(20))

	packages := filepath.Join(b.App, ".mlflow", "site-packages")
	for _, kind := range []struct {
		name, unit string
		limit      float64
		of         func(dir string) float64
	}{
		{"installed", "MB", 0.45, func(dir string) float64 { return bytesIn(p, dir) / 1e6 }},
		{"as tar.zst -3", "MB", 0.45, func(dir string) float64 { return p.compressed(dir, "zstd -q -3") / 1e6 }},
		{"as tar.gz -6", "MB", 0.45, func(dir string) float64 { return p.compressed(dir, "gzip -6") / 1e6 }},
		{"files", "", 0, func(dir string) float64 { return filesIn(p, dir) }},
	} {
		progress("weighing: " + kind.name)
		fulls := result.Of(theirs, kind.of(full.target()))
		f := result.Beside("packages: "+kind.name, kind.unit, result.Of(ours, kind.of(packages)), fulls)
		if kind.limit > 0 {
			f = atMost(f, kind.limit)
		}
		r.Figures = append(r.Figures, f, result.Beside("whole slug: "+kind.name, kind.unit, result.Of(ours+", with Python and launcher", kind.of(b.App)), fulls))
	}

	report := heroku.KeyValues(p, b.MustRun(p, "report").Stdout)
	r.Versions = map[string]string{"Go": report["go"], "Python": report["python"], "MLflow": report["mlflow"], "uv": version}
	r.Setup = append(r.Setup,
		"bin/compile in an environment like Heroku's, with no Go, uv, pip or Python on PATH. Go, uv and Python come from a server on "+
			"this machine, packages and modules from the network. \"Nothing cached\" includes compiling Go's standard library.",
		"Beside it: `uv pip install --compile-bytecode --target` of `mlflow=="+report["mlflow"]+"` with all it asks for, by the same uv on the same "+
			"Python, into a fresh directory; first with an empty cache of uv's, then with the packages in it. It has no Python, no launcher "+
			"and no driver for a database in it, and cannot be moved.",
		"Sizes are those of the files' contents, with bytecode on both sides.")
}

// atMost expects the ratio to be no more than limit.
func atMost(f result.Figure, limit float64) result.Figure {
	if f.Ratio != nil {
		f.Expectation = &result.Expectation{Of: "ratio", Limit: limit, Verdict: result.Missed}
		if f.Ratio.Median <= limit {
			f.Expectation.Verdict = result.Met
		}
	}
	return f
}

// installation is what one would do without this project.
type installation struct {
	place       *place
	uv, dir     string
	python      string // its prefix
	settings    map[string]string
	installings int
}

func (i *installation) target() string {
	return filepath.Join(i.dir, "target-"+strconv.Itoa(i.installings))
}

// install returns how many seconds it took.
func (i *installation) install() float64 {
	if i.installings > 0 {
		i.place.must(os.RemoveAll(i.target()))
	}
	i.installings++
	version := provision.LockedMLflowVersion()
	cmd := exec.CommandContext(i.place.Context(), i.uv, "pip", "install", "--quiet", "--no-python-downloads", "--compile-bytecode",
		"--python", filepath.Join(i.python, "bin", "python3"), "--target", i.target(), "mlflow=="+version)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + i.dir, "UV_CACHE_DIR=" + filepath.Join(i.dir, "cache"), "PYTHONHOME=" + i.python}
	for name, value := range i.settings {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		i.place.Fatalf("installing mlflow: %v\n%s", err, strings.TrimSpace(string(out)))
	}
	return time.Since(start).Seconds()
}

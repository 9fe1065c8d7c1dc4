// Package foreign_test uses this repository as the buildpack of somebody else's app.
package foreign_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
	"mlflow-server/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

const (
	indexPassword = "geheimes-wort-1"
	otherSecret   = "geheimes-wort-2"
)

// The app has no Procfile and no Go; the buildpack's checkout is read-only and its path holds a space; packages come from
// a private index that is unwell at first, and whose certificate only an authority in the app vouches for. One of them has
// to be compiled.
func TestAnAppOfAnotherKindGetsItsServerAndItsPackages(t *testing.T) {
	downloads := heroku.Serve(t)
	buildpack := filepath.Join(t.TempDir(), "build packs", "mlflow-server")
	heroku.Checkout(t, buildpack)
	downloads.Pin(t, buildpack)
	heroku.Write(t, filepath.Join(buildpack, ".git", "HEAD"), strings.Repeat("f", 40)+"\n")

	app := heroku.BuildDir(t)
	heroku.Write(t, filepath.Join(app, "requirements.txt"), "# a plugin of ours would stand here\nmlflow\ntabulate==0.9.0\n"+heroku.Native+"\n")
	heroku.Write(t, filepath.Join(app, "app.py"), "print('unrelated')\n")

	index := heroku.ServeIndex(t, "someone", indexPassword, 2)
	heroku.Write(t, filepath.Join(app, "certs", "ca.pem"), string(index.Authority)+heroku.Authorities(t))
	settings := downloads.Settings()
	maps.Copy(settings, map[string]string{
		"UV_DEFAULT_INDEX": index.URL, "SSL_CERT_FILE": "/app/certs/ca.pem", // where the app is going to lie
		"MLFLOW_EXTRAS": "humanize==4.9.0", "API_KEY": otherSecret,
		// What Heroku forbids to pass on: each would break the build.
		"PATH": "/nonexistent", "LD_PRELOAD": "/nonexistent.so", "GIT_DIR": "/nonexistent", "LIBRARY_PATH": "/nonexistent", "CPATH": "/nonexistent",
	})
	b := heroku.NewBuild(t, app, settings)
	b.ShareCaches(t)
	b.Buildpack, b.Wrap = buildpack, heroku.ReadOnly(t, buildpack)
	b.Extra = append(b.Extra, "STACK=heroku-26")

	if got := b.MustRun(t, "detect"); got.Stdout != "mlflow-server\n" {
		t.Errorf("detect printed %q", got.Stdout)
	}
	r := b.MustRun(t, "compile")
	t.Logf("it took %v, with %d pages of the index\n%s", r.Took, index.Served.Load(), r.Log)
	heroku.Golden(t, "foreign.log", downloads.Normal(r.Log))
	if index.Unwell.Load() != 2 || index.Served.Load() < 50 {
		t.Errorf("the index was unwell %d times and served %d pages", index.Unwell.Load(), index.Served.Load())
	}
	heroku.HoldsNone(t, b.App, "geheimes-wort", app, b.Cache, b.Env, buildpack)
	heroku.HoldsNone(t, filepath.Join(b.Cache, "mlflow-server", "runtime"), "geheimes-wort")
	if strings.Contains(r.Log, "geheimes-wort") {
		t.Error("a secret is in the log")
	}
	if got, want := heroku.YAML(t, b.MustRun(t, "release").Stdout),
		`{"addons": ["heroku-postgresql:essential-0"], "default_process_types": {"release": "bin/mlflow-server migrate", "web": "bin/mlflow-server serve"}}`; got != want {
		t.Errorf("release says %s, wanted %s", got, want)
	}
	report := heroku.KeyValues(t, b.MustRun(t, "report").Stdout)
	if report["stack"] != "heroku-26" || report["extras"] != "3" || report["locked"] != "true" {
		t.Errorf("the report says %v", report)
	}

	slug := filepath.Join(t.TempDir(), "slug")
	if err := os.Rename(app, slug); err != nil {
		t.Fatal(err)
	}
	out := heroku.Run(t, slug, `sh -c 'mlflow-server version; ls -d .mlflow/site-packages/tabulate .mlflow/site-packages/humanize'`, nil)
	if !strings.Contains(out, strings.Repeat("f", 40)) || strings.Contains(out, heroku.Commit) {
		t.Errorf("the launcher's commit is not the buildpack's:\n%s", out)
	}
	out = heroku.Run(t, slug, `sh -c 'export PYTHONHOME="$HOME/.mlflow/python" PYTHONPATH="$HOME/.mlflow/site-packages"
		"$HOME/.mlflow/python/bin/python3" -S -c "import greeting_in_c, waitress; print(greeting_in_c.greet())"'`, nil)
	if out != "hello from C\n" {
		t.Errorf("the package that was compiled says %q", out)
	}
	for _, left := range []string{"include", "lib/pkgconfig"} {
		if _, err := os.Stat(filepath.Join(slug, ".mlflow", "python", left)); err == nil {
			t.Errorf("Python's %s is still in the slug", left)
		}
	}
	dyno := heroku.Start(t, slug, "bin/mlflow-server serve", map[string]string{
		"MLFLOW_TRACKING_USERNAME": "someone", "MLFLOW_TRACKING_PASSWORD": otherSecret, "MLFLOW_ALLOW_EPHEMERAL": "true",
	})
	dyno.WaitHealthy()
	if got := dyno.Request(t, "GET", "/api/2.0/mlflow/experiments/search?max_results=1", nil, nil); got.Status != 200 {
		t.Errorf("the server answers %d: %s", got.Status, got.Body)
	}
	dyno.Stop()
}

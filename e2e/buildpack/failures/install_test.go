package failures_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
)

// What fails once the buildpack's program runs: one app with one cache, pushed again and again until it works.
func TestABuildFailsInWordsAndTheNextOneWorks(t *testing.T) {
	downloads := heroku.Serve(t)
	app := heroku.Push(t)
	downloads.Pin(t, app)
	b := heroku.NewBuild(t, app, downloads.Settings())
	b.ShareCaches(t)
	with := func(t *testing.T, settings map[string]string) heroku.Build {
		t.Helper()
		all := downloads.Settings()
		maps.Copy(all, settings)
		other := b
		other.Env = heroku.NewBuild(t, app, all).Env
		return other
	}

	t.Run("for settings that cannot be used", func(t *testing.T) {
		requirements := filepath.Join(app, "requirements.txt")
		heroku.Write(t, requirements, "mlflow==3.9.0\n-r more.txt\n")
		defer os.Remove(requirements)
		fails(t, with(t, map[string]string{"MLFLOW_VERSION": "newest", "MLFLOW_EXTRAS": "mlflow==2 tabulate,humanize"}), "settings", "setting")
	})
	t.Run("when uv is another file", func(t *testing.T) {
		downloads.Spoil("uv.tar.gz", heroku.Altered)
		defer downloads.Spoil("uv.tar.gz", nil)
		fails(t, with(t, nil), "uv", "checksum")
	})
	t.Run("when Python breaks off", func(t *testing.T) {
		downloads.Spoil("python.tar.gz", heroku.Truncated)
		defer downloads.Spoil("python.tar.gz", nil)
		fails(t, with(t, map[string]string{"UV_HTTP_RETRIES": "0"}), "python", "network")
	})
	t.Run("when the package index is not reached", func(t *testing.T) {
		fails(t, with(t, map[string]string{"UV_DEFAULT_INDEX": "https://someone:geheimes-wort@index.invalid/simple", "UV_HTTP_RETRIES": "0"}), "index", "network")
	})
	t.Run("when requirements do not fit together", func(t *testing.T) {
		r := fails(t, with(t, map[string]string{"MLFLOW_EXTRAS": "sqlalchemy==1.3.24"}), "unsatisfiable", "requirements")
		if strings.Contains(r.Log, "Traceback") {
			t.Error("it shows a trace")
		}
	})
	t.Run("when there is no space left", func(t *testing.T) {
		small := b
		small.Wrap = heroku.SmallCopy(t, app, "140m")
		fails(t, small, "space", "space")
	})

	// The home directory of a build in Heroku CI is the app's, and a path may hold a space.
	t.Run("and then it works, with the cache of all those", func(t *testing.T) {
		home := filepath.Join(t.TempDir(), "an app's home")
		if err := os.Rename(app, home); err != nil {
			t.Fatal(err)
		}
		last := b
		last.App, last.Extra = home, append(b.Extra, "HOME="+home)
		archives, _ := filepath.Glob(filepath.Join(b.Cache, "mlflow-server", "python", "*"))
		if len(archives) != 1 {
			t.Fatalf("the archives of Python in the cache are %q", archives)
		}
		heroku.Write(t, archives[0], "half of it") // as a build leaves it that is killed at the wrong moment
		downloads.Hits()
		before := heroku.List(t, home)
		r := last.MustRun(t, "compile")
		t.Logf("it took %v\n%s", r.Took, r.Log)
		if hits := downloads.Hits(); !slices.Equal(hits, []string{"python.tar.gz"}) || !strings.Contains(r.Log, "the Python in the cache cannot be installed") {
			t.Errorf("it fetched %q", hits)
		}
		for name := range heroku.List(t, home) {
			if !before[name] && name != ".mlflow" && name != "bin/mlflow-server" && !strings.HasPrefix(name, ".profile.d") {
				t.Errorf("the build left %s in the app, which is its home directory", name)
			}
		}
		if report := heroku.KeyValues(t, last.MustRun(t, "report").Stdout); report["result"] != "success" {
			t.Errorf("the report says %v", report)
		}
		if out := heroku.Run(t, home, "mlflow-server version", nil); !strings.Contains(out, "(Python "+downloads.Python.Version) {
			t.Errorf("the launcher says\n%s", out)
		}
		heroku.HoldsNone(t, home, home, app)
	})
}

package failures_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
)

// An app of somebody else's has no bin directory, and whatever else it has is its own. The whole log of the build is golden.
func TestAFailedBuildLeavesAnAppOfAnotherKindAsItWas(t *testing.T) {
	downloads := heroku.Serve(t)
	buildpack := filepath.Join(t.TempDir(), "buildpack")
	heroku.Checkout(t, buildpack)
	downloads.Pin(t, buildpack)
	app := heroku.BuildDir(t)
	heroku.Write(t, filepath.Join(app, "requirements.txt"), "mlflow\ntabulate==0.9.0\n")
	heroku.Write(t, filepath.Join(app, "app.py"), "print('unrelated')\n")

	settings := downloads.Settings()
	maps.Copy(settings, map[string]string{
		"UV_INDEX": "https://one.invalid/geheimes-wort-1/simple https://someone:geheimes-wort-2@two.invalid/geheimes-wort-3/simple", "UV_HTTP_RETRIES": "0",
	})
	b := heroku.NewBuild(t, app, settings)
	b.ShareCaches(t)
	b.Buildpack = buildpack
	r := fails(t, b, "extra-index", "network")
	heroku.Golden(t, "failed.log", downloads.Normal(r.Stdout+r.Stderr))
	heroku.HoldsNone(t, b.Cache, "geheimes-wort")

	// What the app has where something of the build's would go is not the build's to remove, nor to replace.
	heroku.Write(t, filepath.Join(app, "bin", "mlflow-server"), "the app's own")
	heroku.Write(t, filepath.Join(app, ".mlflow", "notes"), "the app's own")
	fails(t, b, "occupied", "setting")
	for _, name := range []string{"bin/mlflow-server", ".mlflow/notes"} {
		if text, err := os.ReadFile(filepath.Join(app, name)); err != nil || string(text) != "the app's own" {
			t.Errorf("%s is now %q, %v", name, text, err)
		}
	}
}

// Package deploy_test pushes this repository to a machine like Heroku's and uses what comes out.
package deploy_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/buildpack/heroku"
	"mlflow-server/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// The secrets of the app that is pushed.
const (
	databaseSecret = "postgres://someone:geheimes-wort-1@db.example.com/app"
	passwordSecret = "geheimes-wort-2-of-the-login"
)

func TestAPushBecomesAServerAndTheNextPushIsQuick(t *testing.T) {
	downloads := heroku.Serve(t)
	push := func(b *heroku.Build) map[string]bool {
		b.App = heroku.Push(t)
		downloads.Pin(t, b.App)
		return heroku.List(t, b.App)
	}
	settings := downloads.Settings()
	maps.Copy(settings, map[string]string{
		"DATABASE_URL": databaseSecret, "MLFLOW_TRACKING_PASSWORD": passwordSecret,
	})
	b := heroku.NewBuild(t, "", settings)
	b.ShareGoBuildCache(t) // its modules are the first build's own, and all that the second has
	b.Buildpack = heroku.Inline(t)
	before := push(&b)

	if got := b.MustRun(t, "detect"); got.Stdout != "mlflow-server\n" {
		t.Errorf("detect printed %q", got.Stdout)
	}
	first := b.MustRun(t, "compile")
	t.Logf("the first build took %v\n%s", first.Took.Round(time.Second), first.Log)
	heroku.Golden(t, "first.log", downloads.Normal(first.Log))
	if hits := downloads.Hits(); !slices.Equal(hits, []string{"go.tar.gz", "uv.tar.gz", "python.tar.gz"}) {
		t.Errorf("the first build fetched %q", hits)
	}
	if found, err := filepath.Glob(filepath.Join(b.Cache, "*", "go", "*", "src", "go", "doc", "doc.go")); err != nil || len(found) != 1 {
		t.Errorf("a package of Go's library is not unpacked: %q %v", found, err)
	}
	added := maps.Clone(heroku.List(t, b.App))
	maps.DeleteFunc(added, func(name string, _ bool) bool { return before[name] })
	if got, want := slices.Sorted(maps.Keys(added)), []string{".mlflow", ".profile.d", ".profile.d/mlflow-server.sh", "bin/mlflow-server"}; !slices.Equal(got, want) {
		t.Errorf("the build added %q to the app, wanted %q", got, want)
	}
	checkRelease(t, b)
	checkReport(t, b, "false")

	firstApp := b.App
	push(&b)
	b.Wrap = heroku.WithoutNetwork(t)
	second := b.MustRun(t, "compile")
	b.Wrap = nil
	t.Logf("the second build took %v\n%s", second.Took.Round(time.Second), second.Log)
	heroku.Golden(t, "cached.log", downloads.Normal(second.Log))
	if hits := downloads.Hits(); len(hits) > 0 {
		t.Errorf("the second build fetched %q", hits)
	}
	if second.Took > first.Took/2 { // the figure is the benchmark's; this only sees a cache that is not used
		t.Errorf("the second build took %v, the first %v", second.Took, first.Took)
	}
	checkReport(t, b, "true")

	heroku.HoldsNone(t, b.App, "geheimes-wort", firstApp, b.App, b.Cache, b.Env, "/mlflow-buildpack-")
	heroku.HoldsNone(t, b.Cache, "geheimes-wort")
	for _, r := range []heroku.Result{first, second} {
		if strings.Contains(r.Log, "geheimes-wort") {
			t.Errorf("a secret is in the log:\n%s", r.Log)
		}
	}
	serve(t, b.App)
}

// checkRelease reads what bin/release prints with a YAML parser.
func checkRelease(t *testing.T, b heroku.Build) {
	t.Helper()
	got := heroku.YAML(t, b.MustRun(t, "release").Stdout)
	if want := `{"addons": ["heroku-postgresql:essential-0"]}`; got != want {
		t.Errorf("release says %s, wanted %s", got, want)
	}
}

func checkReport(t *testing.T, b heroku.Build, cached string) {
	t.Helper()
	report := heroku.KeyValues(t, b.MustRun(t, "report").Stdout)
	for key, pattern := range map[string]string{
		"result": "success", "cached": cached, "stack": "heroku-24", "go": `1\.\d+.*`, "python": `3\.\d+\.\d+`, "mlflow": `3\.\d+\.\d+`,
		"locked": "true", "slug_bytes": `\d{9}`, "slug_files": `\d+`, "seconds": `[\d.]+`,
	} {
		if !regexp.MustCompile("^" + pattern + "$").MatchString(report[key]) {
			t.Errorf("the report's %s is %q, not %s", key, report[key], pattern)
		}
	}
}

// serve runs the slug as a dyno does and uses it with the real client.
func serve(t *testing.T, built string) {
	slug := filepath.Join(t.TempDir(), "slug")
	if err := os.Rename(built, slug); err != nil {
		t.Fatal(err)
	}
	if out := heroku.Run(t, slug, "sh -c 'mlflow-server version; command -v mlflow'", nil); !strings.Contains(out, heroku.Commit) || !strings.Contains(out, "/.mlflow/bin/mlflow\n") {
		t.Errorf("the commands on PATH say:\n%s", out)
	}
	database := harness.Postgres(t)
	settings := map[string]string{
		"DATABASE_URL":             database.URL("postgres") + "?sslmode=disable",
		"MLFLOW_TRACKING_USERNAME": "someone", "MLFLOW_TRACKING_PASSWORD": passwordSecret,
		"MLFLOW_ALLOW_EPHEMERAL": "true", // artifacts on the disk of the dyno
	}
	dyno := heroku.Start(t, slug, heroku.Procfile(t, slug, "web"), settings)
	dyno.WaitHealthy()
	examine(t, slug, settings)
	for user, password := range map[string]string{"someone": "wrong", "mlflow": "mlflow"} {
		if got := dyno.As(user, password).Request(t, "GET", "/api/2.0/mlflow/experiments/search?max_results=1", nil, nil); got.Status != 401 {
			t.Errorf("%s with a wrong password gets %d", user, got.Status)
		}
	}
	printed, err := harness.PythonSource(t, dyno.Client, `import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("m", 42)
    mlflow.log_text("hello", "greeting.txt")
assert mlflow.get_run(run.info.run_id).data.metrics == {"m": 42}
assert mlflow.artifacts.load_text(run.info.artifact_uri + "/greeting.txt") == "hello"
print("logged")`)
	if err != nil || !strings.Contains(printed, "logged") {
		t.Errorf("the client: %v\n%s\nthe dyno:\n%s", err, printed, dyno.Log())
	}
	dyno.Stop()
	if strings.Contains(dyno.Log(), passwordSecret) {
		t.Errorf("the password is in the dyno's log:\n%s", dyno.Log())
	}
}

// examine asks the doctor in a one-off dyno, beside the one that serves.
func examine(t *testing.T, slug string, settings map[string]string) {
	t.Helper()
	out := heroku.Run(t, slug, "sh -c 'mlflow-server doctor --json 2>/tmp/doctor; cat /tmp/doctor'", settings)
	var report struct {
		State    string
		Findings []struct{ Check, State string }
	}
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&report); err != nil {
		t.Fatalf("the doctor: %v\n%s", err, out)
	}
	states := map[string]string{}
	for _, f := range report.Findings {
		states[f.Check] = f.State
	}
	for check, want := range map[string]string{
		"configuration": "ok", "runtime": "ok", "login": "ok", "database": "ok", "database rights": "ok", "schema": "ok", "clock": "ok",
	} {
		if states[check] != want {
			t.Errorf("the doctor finds %s %q, not %q:\n%s", check, states[check], want, out)
		}
	}
	if strings.Contains(out, passwordSecret) {
		t.Errorf("the password is in what the doctor says:\n%s", out)
	}
}

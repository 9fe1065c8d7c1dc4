// Package otherversion_test deploys another MLflow than the locked one.
package otherversion_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
	"mlflow-server/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

func TestAnotherMLflowIsInstalledWholeAndRunsByItsOwnCommandLine(t *testing.T) {
	const version, password = "3.16.1", "a password of the test"
	downloads := heroku.Serve(t)
	buildpack := filepath.Join(t.TempDir(), "buildpack")
	heroku.Checkout(t, buildpack)
	downloads.Pin(t, buildpack)
	app := heroku.BuildDir(t)
	heroku.Write(t, filepath.Join(app, "Procfile"), "web: bin/mlflow-server serve\n")

	settings := downloads.Settings()
	maps.Copy(settings, map[string]string{"MLFLOW_VERSION": version})
	b := heroku.NewBuild(t, app, settings)
	b.ShareCaches(t)
	b.Buildpack = buildpack
	r := b.MustRun(t, "compile")
	t.Logf("it took %v\n%s", r.Took, r.Log)
	if report := heroku.KeyValues(t, b.MustRun(t, "report").Stdout); report["mlflow"] != version || report["locked"] != "false" {
		t.Errorf("the report says %v", report)
	}

	slug := filepath.Join(t.TempDir(), "slug")
	if err := os.Rename(app, slug); err != nil {
		t.Fatal(err)
	}
	dyno := heroku.Start(t, slug, heroku.Procfile(t, slug, "web"), map[string]string{
		"MLFLOW_TRACKING_USERNAME": "someone", "MLFLOW_TRACKING_PASSWORD": password, "WEB_CONCURRENCY": "1",
		"MLFLOW_ALLOW_EPHEMERAL": "true", // SQLite on the disk of the dyno
	})
	dyno.WaitHealthy()
	if got := dyno.Request(t, "GET", "/version", nil, nil); got.Status != 200 || strings.TrimSpace(got.Body) != version {
		t.Errorf("GET /version answers %d: %s", got.Status, got.Body)
	}
	if got := dyno.As("someone", "wrong").Request(t, "GET", "/version", nil, nil); got.Status != 401 {
		t.Errorf("a wrong password gets %d", got.Status)
	}
	checkProcesses(t, dyno.CommandLines())
	checkPage(t, dyno)
	printed, err := harness.PythonSource(t, dyno.Client, `import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("m", 42)
assert mlflow.get_run(run.info.run_id).data.metrics == {"m": 42}
print("logged")`)
	if err != nil || !strings.Contains(printed, "logged") {
		t.Errorf("the client: %v\n%s\nthe dyno:\n%s", err, printed, dyno.Log())
	}
	dyno.Stop()
}

// checkProcesses sees MLflow's own command line at work, and nothing of its jobs.
func checkProcesses(t *testing.T, lines []string) {
	t.Helper()
	all := strings.Join(lines, "\n")
	if !strings.Contains(all, "mlflow.server.fastapi_app:app") {
		t.Errorf("MLflow's own server is not among\n%s", all)
	}
	for _, job := range []string{"mlflow.server.jobs", "huey"} {
		if strings.Contains(all, job) {
			t.Errorf("a process of jobs is among\n%s", all)
		}
	}
}

var script = regexp.MustCompile(`<script[^>]* src="(?:\./)?([^"]+\.js)"`)

// checkPage loads the user interface as a browser does. How another MLflow's files are meant to be kept is not known here.
func checkPage(t *testing.T, dyno *heroku.Dyno) {
	t.Helper()
	page := dyno.Request(t, "GET", "/", nil, nil)
	found := script.FindStringSubmatch(page.Body)
	if page.Status != 200 || found == nil {
		t.Fatalf("GET / answers %d: %s", page.Status, page.Body)
	}
	file := dyno.Request(t, "GET", "/"+strings.TrimPrefix(found[1], "/"), nil, nil)
	if file.Status != 200 || len(file.Body) < 1000 || strings.Contains(file.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s answers %d with %d bytes and %q", found[1], file.Status, len(file.Body), file.Header)
	}
}

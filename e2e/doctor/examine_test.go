package doctor

import (
	"encoding/json"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// examine runs the doctor and returns what it found, each "state text" by its check.
func examine(t *testing.T, env map[string]string) map[string]string {
	t.Helper()
	r := harness.RunToExit(t, harness.Options{Args: []string{"doctor", "--json"}, Env: env})
	var report struct {
		Findings []struct{ Check, State, Text, Fix string }
	}
	if err := json.Unmarshal([]byte(r.Stdout), &report); err != nil {
		t.Fatalf("%v: %s%s", err, r.Stdout, r.Stderr)
	}
	found := map[string]string{}
	for _, f := range report.Findings {
		if f.State != "ok" && f.Fix == "" {
			t.Errorf("%s: %s %q comes without anything to do about it", f.Check, f.State, f.Text)
		}
		if f.State == "ok" && found[f.Check] != "" {
			continue // a capacity that does not fit is told beside what it is
		}
		found[f.Check] = f.State + " " + f.Text
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("exit code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
	})
	return found
}

func finds(t *testing.T, found map[string]string, want map[string]string) {
	t.Helper()
	for check, text := range want {
		if !strings.Contains(found[check], text) {
			t.Errorf("%s: %q, want %q", check, found[check], text)
		}
	}
}

func TestTheDoctorOfADynoTellsTheCapacityThatServeHas(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"DATABASE_URL": harness.Postgres(t).URL("postgres") + "?sslmode=disable", "WEB_CONCURRENCY": "3",
		"MLFLOW_FORCE_HTTPS": "false", "DYNO": "web.1",
	}
	s := harness.Start(t, harness.Options{Env: env})
	env["DYNO"] = "run.1" // as in "heroku run mlflow-server doctor", beside the one that serves
	found := examine(t, env)
	finds(t, found, map[string]string{
		"configuration": "ok database from DATABASE_URL", "artifacts": "fail", "schema": "ok revision",
		"capacity": "2 threads and 4 connections each", // of 20, with native tracking's
	})
	if reason := strings.TrimPrefix(found["capacity"], "ok "); !strings.Contains(s.Log(), `because="`+reason+`"`) {
		t.Errorf("serve does not say %q", reason)
	}
}

func TestTheDoctorLooksAtMySQL(t *testing.T) {
	t.Parallel()
	finds(t, examine(t, map[string]string{"MLFLOW_BACKEND_URI": harness.MySQL(t).URL("mysql+pymysql")}), map[string]string{
		"database": "ok mysql", "database TLS": "ok none, inside this machine", "database connections": "are free",
		"clock": "ok agrees with the database's", "database rights": "ok", "schema": "warn there is none yet",
	})
}

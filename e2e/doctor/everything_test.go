package doctor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestTheDoctorLooksAtEverything(t *testing.T) {
	t.Parallel()
	database := harness.Postgres(t)
	r := harness.RunToExit(t, harness.Options{Args: []string{"doctor", "--json"}, Env: map[string]string{"MLFLOW_BACKEND_URI": database.URL("postgresql")}})
	states := findings(t, r)
	for check, want := range map[string]string{
		"configuration": "ok", "runtime": "ok", "login": "ok", "capacity": "ok", "artifacts": "ok", "clock": "ok",
		"database": "ok", "database TLS": "ok", "database connections": "ok", "database rights": "ok", "schema": "warn", // there is none yet
	} {
		if states[check] != want {
			t.Errorf("%s: %q, want %q", check, states[check], want)
		}
	}
	if r.Code != 1 || !strings.Contains(r.Stdout, `"state": "warn"`) || r.Listened {
		t.Errorf("exit code %d: %s", r.Code, r.Stdout)
	}
	if strings.Contains(r.Stdout+r.Stderr, database.Password) || strings.Contains(r.Stdout+r.Stderr, harness.DefaultPassword) {
		t.Error("a password is shown")
	}
	bad := database
	bad.Password = "not the one"
	r = harness.RunToExit(t, harness.Options{Args: []string{"doctor"}, Env: map[string]string{"MLFLOW_BACKEND_URI": bad.URL("postgresql")}})
	if r.Code != 2 || !strings.Contains(r.Stdout, "the user name or the password is wrong") {
		t.Errorf("exit code %d: %s", r.Code, r.Stdout)
	}
}

func TestTheDoctorLooksAtTheBucket(t *testing.T) {
	t.Parallel()
	bucket := harness.S3(t)
	for _, tt := range []struct {
		name   string
		change func(env map[string]string)
		code   int
		want   map[string]string
	}{
		// The store of the tests has no versions, and says nothing of public access.
		{"one that works", func(map[string]string) {}, 1, map[string]string{
			"bucket: list": "ok", "bucket: put": "ok", "bucket: get": "ok", "bucket: delete": "ok", "bucket: versioning": "warn",
		}},
		{"a wrong key", func(env map[string]string) { env["AWS_SECRET_ACCESS_KEY"] = "wrong" }, 2, map[string]string{"bucket: list": "fail"}},
		{"one that MLflow serves", func(env map[string]string) { env["MLFLOW_NATIVE_ARTIFACTS"] = "false" }, 1, map[string]string{
			"bucket: list": "ok", "bucket: put": "ok", "bucket: get": "ok", "bucket: delete": "ok", "bucket: versioning": "warn",
		}},
		{"one that is not there", func(env map[string]string) { env["MLFLOW_ARTIFACT_URI"] = "s3://no-such-bucket-here" }, 2, map[string]string{"bucket: list": "fail"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := bucket.Environment("probe")
			tt.change(env)
			r := harness.RunToExit(t, harness.Options{Args: []string{"doctor", "--json"}, Env: env})
			states := findings(t, r)
			for check, want := range tt.want {
				if states[check] != want {
					t.Errorf("%s: %q, want %q", check, states[check], want)
				}
			}
			if r.Code != tt.code {
				t.Errorf("exit code %d, want %d", r.Code, tt.code)
			}
			if t.Failed() {
				t.Logf("%s%s", r.Stdout, r.Stderr)
			}
			if strings.Contains(r.Stdout+r.Stderr, bucket.SecretKey) {
				t.Error("the secret key is shown")
			}
		})
	}
	if left, err := os.ReadDir(filepath.Join(bucket.Dir, "probe")); err == nil && len(left) > 0 {
		t.Errorf("it left %v in the bucket", left)
	}
}

// findings are the states of a report by what was looked at.
func findings(t *testing.T, r harness.Result) map[string]string {
	t.Helper()
	var report struct {
		Findings []struct{ Check, State string }
	}
	if err := json.Unmarshal([]byte(r.Stdout), &report); err != nil {
		t.Fatalf("%v: %s%s", err, r.Stdout, r.Stderr)
	}
	states := map[string]string{}
	for _, f := range report.Findings {
		states[f.Check] = f.State
	}
	return states
}

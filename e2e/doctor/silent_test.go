package doctor

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// silent accepts connections and never says anything.
func silent(t *testing.T) (address string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // the kernel accepts; nobody reads
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

func TestTheDoctorTellsOfABucketThatNeverAnswers(t *testing.T) {
	t.Parallel()
	for _, native := range []string{"true", "false"} {
		t.Run("native artifacts "+native, func(t *testing.T) {
			t.Parallel()
			found := examine(t, map[string]string{
				"MLFLOW_ARTIFACT_URI": "s3://bucket/prefix", "MLFLOW_S3_ENDPOINT_URL": "http://" + silent(t), "MLFLOW_NATIVE_ARTIFACTS": native,
				"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1",
			})
			finds(t, found, map[string]string{"bucket: list": "fail no answer within ", "database": "ok", "schema": "warn"})
			if found["database and bucket"] != "" || found["bucket: put"] != "" {
				t.Error("it gives up, or goes on where there is no use in it")
			}
		})
	}
}

func TestTheDoctorTellsOfSettingsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, native := range []string{"true", "false"} {
		t.Run("native artifacts "+native, func(t *testing.T) {
			t.Parallel()
			r := harness.RunToExit(t, harness.Options{Args: []string{"doctor"}, Env: map[string]string{
				"MLFLOW_ARTIFACT_URI": "s3://bucket/prefix", "AWS_PROFILE": "nobody", "MLFLOW_NATIVE_ARTIFACTS": native,
				"AWS_CONFIG_FILE": t.TempDir() + "/none", "AWS_SHARED_CREDENTIALS_FILE": t.TempDir() + "/none",
			}})
			if r.Code != 2 || !strings.Contains(r.Stdout, "nobody") || !strings.Contains(r.Stdout, "→ correct") || strings.Contains(r.Stdout+r.Stderr, "Traceback") {
				t.Errorf("exit code %d:\n%s%s", r.Code, r.Stdout, r.Stderr)
			}
		})
	}
}

func TestTheDoctorTellsOfADatabaseThatNoLongerAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		after string // what is sent
		want  map[string]string
		none  string
	}{
		"from the first question on": {"SELECT 1", map[string]string{"database": "fail it lets this server connect, and gives no answer within "}, "schema"},
		"in the middle":              {"pg_stat_activity", map[string]string{"database": "ok", "database connections": "fail no answer within 15 s"}, "schema"},
		"while a table is made":      {"CREATE TABLE", map[string]string{"database connections": "ok", "database rights": "fail no answer within 15 s"}, "database and bucket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := harness.Postgres(t)
			database.Port = forward(t, "127.0.0.1", fmt.Sprintf("%s:%d", database.Host, database.Port), tt.after)
			database.Host = "127.0.0.1"
			found := examine(t, map[string]string{"MLFLOW_BACKEND_URI": database.URL("postgresql"), "MLFLOW_DB_WAIT_SECONDS": "1"})
			finds(t, found, tt.want)
			if found[tt.none] != "" {
				t.Errorf("%s: %q", tt.none, found[tt.none])
			}
		})
	}
}

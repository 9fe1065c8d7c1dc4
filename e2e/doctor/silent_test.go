package doctor

import (
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

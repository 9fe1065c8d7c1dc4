package deploy_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// TestAfterTheButtonTheServerSaysWhatIsMissing starts what somebody gets who clicks and fills in nothing.
func TestAfterTheButtonTheServerSaysWhatIsMissing(t *testing.T) {
	env := map[string]string{"DYNO": "web.1", "MLFLOW_FORCE_HTTPS": "false"} // there is no router in front here
	for name, q := range parseManifest(t, read(t, "app.json")).Env {
		env[name] = q.Value
		if q.Generator == "secret" {
			env[name] = strings.Repeat(string("0123456789abcdef"[len(name)%16]), 128) // 128 hexadecimal digits, as Heroku makes them
		}
	}
	database := harness.Postgres(t)
	env["DATABASE_URL"] = database.URL("postgres") + "?sslmode=disable"
	server := harness.Start(t, harness.Options{Env: env})
	server.WaitLog("artifacts are refused")
	if !strings.Contains(server.Log(), "MLFLOW_ARTIFACT_URI") {
		t.Errorf("the log does not say what to set:\n%s", server.Log())
	}
	printed, err := harness.PythonSource(t, server.Client, `
import mlflow
from mlflow.exceptions import MlflowException
with mlflow.start_run() as run:
    mlflow.log_metric("m", 1)
    try:
        mlflow.log_text("x", "x.txt")
    except Exception as e:
        print(e)
assert mlflow.get_run(run.info.run_id).data.metrics == {"m": 1}
`)
	if err != nil || !strings.Contains(printed, "MLFLOW_ARTIFACT_URI") {
		t.Errorf("%v\n%s", err, printed)
	}
	t.Run("and an add-on with a bucket is all that it takes", func(t *testing.T) {
		bucket := harness.S3(t)
		with := maps.Clone(env)
		maps.Copy(with, map[string]string{
			"BUCKETEER_BUCKET_NAME": bucket.Name, "BUCKETEER_AWS_ACCESS_KEY_ID": bucket.AccessKey, "BUCKETEER_AWS_SECRET_ACCESS_KEY": bucket.SecretKey,
			"BUCKETEER_AWS_REGION": bucket.Region, "MLFLOW_S3_ENDPOINT_URL": bucket.Endpoint,
		})
		server := harness.Start(t, harness.Options{Env: with})
		printed, err := harness.PythonSource(t, server.Client, `
import mlflow
with mlflow.start_run() as run:
    mlflow.log_text("kept", "x.txt")
assert mlflow.artifacts.load_text(run.info.artifact_uri + "/x.txt") == "kept"
`)
		if err != nil {
			t.Errorf("%v\n%s\n%s", err, printed, server.Log())
		}
		answer := server.Request(t, http.MethodGet, "/-/status", nil, nil)
		if !strings.Contains(answer.Body, `"artifacts"`) || strings.Contains(answer.Body, bucket.SecretKey) {
			t.Errorf("the status is %s", answer.Body)
		}
	})
}

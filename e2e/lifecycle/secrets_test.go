package lifecycle

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// The pages about a server are the most tempting where something is wrong: then they quote errors.
func TestThePagesAboutAServerHoldNoSecret(t *testing.T) {
	t.Parallel()
	configuration := func(database harness.Database) (env map[string]string, secrets []string) {
		env = map[string]string{
			"MLFLOW_BACKEND_URI": database.URL("postgresql"), "MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": "a-long-Password-47",
			"MLFLOW_SESSION_SECRET": "session-secret-0123456789abcdefghijklm", "MLFLOW_DB_WAIT_SECONDS": "600",
			"MLFLOW_ARTIFACT_URI": "s3://bucket/prefix", "MLFLOW_S3_ENDPOINT_URL": fmt.Sprintf("http://127.0.0.1:%d", harness.FreePort(t)),
			"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "aws/secret+key", "AWS_SESSION_TOKEN": "aws-session-token",
			"AWS_DEFAULT_REGION": "us-east-1", "MLFLOW_METRICS_PORT": strconv.Itoa(harness.FreePort(t)),
			"MLFLOW_S3_UPLOAD_EXTRA_ARGS": `{"SSEKMSKeyId": "the-kms-key"}`,
		}
		for _, name := range []string{"MLFLOW_TRACKING_PASSWORD", "MLFLOW_SESSION_SECRET", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
			secrets = append(secrets, env[name])
		}
		return env, append(secrets, database.Password, "the-kms-key")
	}
	look := func(t *testing.T, s *harness.Instance, metricsPort string, secrets []string, wants ...string) {
		pages := map[string]string{}
		for _, path := range []string{"/-/", "/-/status", "/-/metrics", "/-/progress"} {
			answer := s.As("ann", "a-long-Password-47").Request(t, http.MethodGet, path, nil, nil)
			if answer.Status != http.StatusOK {
				t.Fatalf("%s: %d %s", path, answer.Status, answer.Body)
			}
			pages[path] = answer.Body
		}
		local := s.Client
		local.URL = "http://127.0.0.1:" + metricsPort
		pages["/metrics"] = local.Request(t, http.MethodGet, "/metrics", nil, nil).Body
		for path, body := range pages {
			for _, secret := range secrets {
				for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("", secret).String()[1:]} {
					if strings.Contains(body, form) {
						t.Errorf("%s holds %q:\n%s", path, form, body)
					}
				}
			}
		}
		for _, want := range wants { // else there would be nothing that could hold one
			if !strings.Contains(pages["/-/status"], want) {
				t.Errorf("the status has no %q:\n%s", want, pages["/-/status"])
			}
		}
	}
	t.Run("a bucket is not there", func(t *testing.T) {
		t.Parallel()
		env, secrets := configuration(harness.Postgres(t))
		s := harness.Start(t, harness.Options{Env: env})
		look(t, s, env["MLFLOW_METRICS_PORT"], secrets, `"status": "ready"`, "connection refused")
	})
	t.Run("neither is the database", func(t *testing.T) {
		t.Parallel()
		database := harness.Postgres(t)
		database.Port = harness.FreePort(t)
		env, secrets := configuration(database)
		s := harness.Launch(t, harness.Options{Env: env})
		s.WaitLog("waiting for the database at ")
		look(t, s, env["MLFLOW_METRICS_PORT"], secrets, `"status": "database"`, "connection refused")
	})
}

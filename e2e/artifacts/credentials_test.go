package artifacts_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// A task on ECS has no keys in its environment but the address of somebody who hands them out for its role, for a while.
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
func TestTheRoleOfATaskIsEnough(t *testing.T) {
	bucket := harness.S3(t)
	const token = "only for this task"
	var asked atomic.Int64
	role := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != token {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		asked.Add(1)
		_ = json.NewEncoder(w).Encode(map[string]any{"AccessKeyId": bucket.AccessKey, "SecretAccessKey": bucket.SecretKey, "Token": "",
			"Expiration": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
	}))
	t.Cleanup(role.Close)
	// No settings of whoever runs the test.
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
	}
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", role.URL+"/role")

	env := bucket.Environment("p")
	delete(env, "AWS_ACCESS_KEY_ID")
	delete(env, "AWS_SECRET_ACCESS_KEY")
	t.Run("with the task's token", func(t *testing.T) {
		t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", token)
		s := storeUnderTest{native: serve(t, harness.Client{}, env), dir: filepath.Join(bucket.Dir, "p"), bucket: bucket}
		content := random(6 << 20)
		if status, body, err := s.upload(t.Context(), "x", content, -1, true); status != 200 || string(s.stored("x")) != string(content) {
			t.Fatalf("%d %s %v", status, body, err)
		}
		if status, got, err := s.download(t, "x"); status != 200 || string(got) != string(content) {
			t.Errorf("%d: %d bytes, %v", status, len(got), err)
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("the keys were asked for %d times", n)
		}
	})
	t.Run("without it", func(t *testing.T) {
		t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "of another task")
		s := storeUnderTest{native: serve(t, harness.Client{}, env), dir: filepath.Join(bucket.Dir, "p"), bucket: bucket}
		if status, body, err := s.upload(t.Context(), "y", []byte("y"), -1, true); status < 400 || s.stored("y") != nil {
			t.Errorf("%d %s %v", status, body, err)
		}
	})
}

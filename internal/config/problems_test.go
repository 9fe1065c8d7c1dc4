package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write golden files")

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	golden, err := filepath.Abs("testdata/problems.golden")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = load(t, Serve, map[string]string{
		"PORT":                         "http",
		"MLFLOW_HOST":                  "example.com:80",
		"MLFLOW_ALLOWED_HOSTS":         "example.com,https://example.com",
		"MLFLOW_TRUSTED_PROXIES":       "10.0.0.0/8,cloudfront",
		"MLFLOW_FORCE_HTTPS":           "yes",
		"MLFLOW_ALLOW_DEFAULT_LOGIN":   "yes",
		"MLFLOW_VIEWERS":               "hunter2",
		"MLFLOW_TOKENS":                "ann:hunter2",
		"MLFLOW_LOGIN":                 "sso",
		"MLFLOW_SESSION_SECRET":        "hunter2",
		"MLFLOW_SESSION_HOURS":         "0",
		"MLFLOW_STAMP_USER":            "on",
		"MLFLOW_OPEN_ROUTES":           "gateway,everything",
		"MLFLOW_AUDIT_LOG":             file + "/audit.log",
		"MLFLOW_TRACKING_USERNAME":     "ann,,ann,a:b",
		"MLFLOW_TRACKING_PASSWORD":     "hunter2,,$2b$12$hunter2",
		"MLFLOW_DATA_DIR":              file,
		"MLFLOW_ARTIFACT_URI":          "gs://hunter2/prefix",
		"MLFLOW_S3_ENDPOINT_URL":       "ftp://hunter2",
		"DATABASE_URL":                 "mariadb://user:hunter2@db.example.com/mlflow",
		"WEB_CONCURRENCY":              "0",
		"MLFLOW_DB_WAIT_SECONDS":       "-1",
		"MLFLOW_MAX_REQUESTS":          "many",
		"MLFLOW_MAX_REQUESTS_PER_USER": "-1",
		"MLFLOW_DRAIN_SECONDS":         "soon",
	})
	if err == nil {
		t.Fatal("nothing was reported")
	}
	got := strings.ReplaceAll(err.Error(), dir, "DIR") + "\n"
	if strings.Contains(got, "hunter2") {
		t.Errorf("a secret is shown:\n%s", got)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestNothingIsWrittenWhenThereAreProblems(t *testing.T) {
	if _, err := load(t, Local, map[string]string{"PORT": "none"}); err == nil {
		t.Fatal("no problem was reported")
	}
	if entries, _ := os.ReadDir("."); len(entries) != 0 {
		t.Errorf("loading left %v", entries)
	}
}

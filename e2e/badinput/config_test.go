package badinput_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/users"
)

// planted stands in every secret of these tests: wherever it comes up again, a secret has been printed.
const planted = "pl4nted-s3cret"

func TestServeRefusesBadConfigurationBeforeItListens(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		env  map[string]string
		want []string // in the message; the variable first
	}{
		{"more passwords than users", map[string]string{"MLFLOW_TRACKING_USERNAME": "a", "MLFLOW_TRACKING_PASSWORD": planted + "," + planted},
			[]string{"MLFLOW_TRACKING_PASSWORD: 2 passwords for 1 user"}},
		{"fewer passwords than users", map[string]string{"MLFLOW_TRACKING_USERNAME": "a,b,c", "MLFLOW_TRACKING_PASSWORD": planted},
			[]string{"MLFLOW_TRACKING_PASSWORD: 1 password for 3 users"}},
		{"an empty user", map[string]string{"MLFLOW_TRACKING_USERNAME": "a,,c", "MLFLOW_TRACKING_PASSWORD": planted + ",x,y"},
			[]string{"MLFLOW_TRACKING_USERNAME: user 2 has no name"}},
		{"an empty password", map[string]string{"MLFLOW_TRACKING_USERNAME": "a,b", "MLFLOW_TRACKING_PASSWORD": planted + ","},
			[]string{"MLFLOW_TRACKING_PASSWORD: password 2 is empty"}},
		{"the same user twice", map[string]string{"MLFLOW_TRACKING_USERNAME": "a,b,a", "MLFLOW_TRACKING_PASSWORD": planted + ",x,y"},
			[]string{"MLFLOW_TRACKING_USERNAME: user 3 has the same name as user 1"}},
		{"a user with a colon", map[string]string{"MLFLOW_TRACKING_USERNAME": "a:b", "MLFLOW_TRACKING_PASSWORD": planted},
			[]string{"MLFLOW_TRACKING_USERNAME:", "colon"}},
		{"a broken hash", map[string]string{"MLFLOW_TRACKING_USERNAME": "a", "MLFLOW_TRACKING_PASSWORD": "$2b$12$" + planted},
			[]string{"MLFLOW_TRACKING_PASSWORD:", "bcrypt"}},
		{"the default password for everybody", map[string]string{"MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": "", "MLFLOW_HOST": "0.0.0.0"},
			[]string{"MLFLOW_TRACKING_PASSWORD:", "default password", "MLFLOW_ALLOW_DEFAULT_LOGIN"}},
		{"a hash of the default password for everybody", map[string]string{"MLFLOW_TRACKING_USERNAME": "a", "MLFLOW_TRACKING_PASSWORD": hashOfTheDefault(t), "MLFLOW_HOST": "0.0.0.0"},
			[]string{"MLFLOW_TRACKING_PASSWORD:", "default password", "MLFLOW_ALLOW_DEFAULT_LOGIN"}},
		{"a hash that keeps a core busy for hours", map[string]string{"MLFLOW_TRACKING_USERNAME": "a", "MLFLOW_TRACKING_PASSWORD": "$2b$31$" + strings.Repeat("a", 53)},
			[]string{"MLFLOW_TRACKING_PASSWORD: password 1: its bcrypt cost is 31"}},
		{"a port that is too high", map[string]string{"PORT": "65536"}, []string{"PORT:", "65535"}},
		{"port zero", map[string]string{"PORT": "0"}, []string{"PORT:"}},
		{"a port that is no number", map[string]string{"PORT": "http"}, []string{"PORT:", `"http"`}},
		{"a host with a port", map[string]string{"MLFLOW_HOST": "127.0.0.1:80"}, []string{"MLFLOW_HOST:"}},
		{"an unknown dialect", map[string]string{"MLFLOW_DB_DIALECT": "oracle", "MLFLOW_DB_HOST": "db", "MLFLOW_DB_PASSWORD": planted},
			[]string{"MLFLOW_DB_DIALECT:", "postgresql"}},
		{"an unknown scheme in MLFLOW_BACKEND_URI", map[string]string{"MLFLOW_BACKEND_URI": "mongodb://u:" + planted + "@db/x"},
			[]string{"MLFLOW_BACKEND_URI:"}},
		{"a backend URI that is none", map[string]string{"MLFLOW_BACKEND_URI": planted}, []string{"MLFLOW_BACKEND_URI:"}},
		{"a DATABASE_URL with a bad port", map[string]string{"DATABASE_URL": "postgres://u:" + planted + "@db:port/x"}, []string{"DATABASE_URL:"}},
		{"a database port that is no number", map[string]string{"MLFLOW_DB_HOST": "db", "MLFLOW_DB_PORT": "-1", "MLFLOW_DB_PASSWORD": planted},
			[]string{"MLFLOW_DB_PORT:"}},
		{"artifacts on Google", map[string]string{"MLFLOW_ARTIFACT_URI": "gs://bucket/" + planted}, []string{"MLFLOW_ARTIFACT_URI:", "s3://"}},
		{"artifacts on S3 without a bucket", map[string]string{"MLFLOW_ARTIFACT_URI": "s3://"}, []string{"MLFLOW_ARTIFACT_URI:", "bucket"}},
		{"artifacts on S3 with keys in the URI", map[string]string{"MLFLOW_ARTIFACT_URI": "s3://key:" + planted + "@bucket/x"}, []string{"MLFLOW_ARTIFACT_URI:"}},
		{"a data directory that is a file", map[string]string{"MLFLOW_DATA_DIR": file}, []string{"MLFLOW_DATA_DIR:", "not a directory"}},
		{"a data directory below a file", map[string]string{"MLFLOW_DATA_DIR": file + "/below"}, []string{"MLFLOW_DATA_DIR:", "not a directory"}},
		// Not even root makes a directory in /proc.
		{"an unwritable data directory", map[string]string{"MLFLOW_DATA_DIR": "/proc/mlflow"}, []string{"MLFLOW_DATA_DIR:", "/proc/mlflow"}},
		{"no workers", map[string]string{"WEB_CONCURRENCY": "0"}, []string{"WEB_CONCURRENCY:"}},
		{"a wait that is no number", map[string]string{"MLFLOW_DB_WAIT_SECONDS": "soon"}, []string{"MLFLOW_DB_WAIT_SECONDS:"}},
		{"a switch that is neither on nor off", map[string]string{"MLFLOW_ALLOW_DEFAULT_LOGIN": "perhaps"}, []string{"MLFLOW_ALLOW_DEFAULT_LOGIN:"}},
		{"everything at once", map[string]string{
			"PORT": "x", "MLFLOW_HOST": "a b", "MLFLOW_TRACKING_USERNAME": "a,a", "MLFLOW_TRACKING_PASSWORD": planted,
			"MLFLOW_DB_HOST": "db", "MLFLOW_DB_DIALECT": "dbase", "MLFLOW_DB_PASSWORD": planted, "MLFLOW_ARTIFACT_URI": "ftp://host/x",
			"MLFLOW_DATA_DIR": file, "WEB_CONCURRENCY": "many", "MLFLOW_DRAIN_SECONDS": "-3",
		}, []string{"PORT:", "MLFLOW_HOST:", "MLFLOW_TRACKING_USERNAME:", "MLFLOW_TRACKING_PASSWORD:", "MLFLOW_DB_DIALECT:",
			"MLFLOW_ARTIFACT_URI:", "MLFLOW_DATA_DIR:", "WEB_CONCURRENCY:", "MLFLOW_DRAIN_SECONDS:"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"MLFLOW_TRACKING_USERNAME": "somebody", "MLFLOW_TRACKING_PASSWORD": planted}
			maps.Copy(env, test.env)
			result := harness.RunToExit(t, harness.Options{Env: env})
			refused(t, result, test.want...)
			if result.Listened {
				t.Error("the port was open before the configuration was refused")
			}
		})
	}
}

// refused checks the message of a run that ended by itself, and that it gave no secret away.
func refused(t *testing.T, result harness.Result, want ...string) {
	t.Helper()
	if result.Code <= 0 {
		t.Errorf("the exit code is %d", result.Code)
	}
	for _, text := range want {
		if !strings.Contains(result.Stderr, text) {
			t.Errorf("%q is not in the message:\n%s", text, result.Stderr)
		}
	}
	if strings.Contains(result.Stdout+result.Stderr, planted) {
		t.Errorf("a secret was printed:\n%s%s", result.Stdout, result.Stderr)
	}
	if strings.Contains(result.Stdout+result.Stderr, "goroutine ") {
		t.Errorf("it panicked:\n%s", result.Stderr)
	}
}

func hashOfTheDefault(t *testing.T) string {
	t.Helper()
	hash, err := users.HashPassword("mlflow", users.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

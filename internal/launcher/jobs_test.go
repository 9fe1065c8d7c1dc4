package launcher

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
)

func TestJobsWithoutTheirPackageAreRefusedTogetherWithWhatElseIsMissing(t *testing.T) {
	dir := t.TempDir()
	runtime := provision.Runtime{Dir: "/runtime", SitePackages: dir}
	c := &config.Config{}
	if err := CheckRuntime(c, runtime); err != nil {
		t.Errorf("without jobs: %v", err)
	}
	c.Capacity.Jobs = true
	c.Backend = config.Backend{Dialect: config.PostgreSQL, Driver: "psycopg2", Source: "DATABASE_URL"}
	err := CheckRuntime(c, runtime)
	if err == nil {
		t.Fatal("jobs without huey, and a driver that is not there, were taken")
	}
	for _, part := range []string{"DATABASE_URL: the runtime in /runtime has no driver", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION: the runtime in /runtime has no package huey", "MLFLOW_EXTRAS=huey"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
	c.Backend = config.Backend{Dialect: config.SQLite}
	if err := os.Mkdir(filepath.Join(dir, "huey"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := CheckRuntime(c, runtime); err != nil {
		t.Errorf("with huey: %v", err)
	}
}

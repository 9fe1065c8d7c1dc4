package config

import (
	"strings"
	"testing"
	"time"
)

func TestWhatADynoWouldLoseIsRefused(t *testing.T) {
	line := mustReject(t, map[string]string{"DYNO": "web.1"})
	for _, part := range []string{"DATABASE_URL: is not set", "heroku addons:create heroku-postgresql", "MLFLOW_ALLOW_EPHEMERAL=true"} {
		if !strings.Contains(line, part) {
			t.Errorf("%q is not in: %s", part, line)
		}
	}
	database := "postgres://u:p@h/db"
	for _, tt := range []struct {
		name    string
		vars    map[string]string
		refuses bool
	}{
		{"a database and no bucket", map[string]string{"DYNO": "web.1", "DATABASE_URL": database}, true},
		{"a database and a bucket", map[string]string{"DYNO": "web.1", "DATABASE_URL": database, "MLFLOW_ARTIFACT_URI": "s3://bucket",
			"AWS_DEFAULT_REGION": "eu-west-1"}, false},
		{"allowed", map[string]string{"DYNO": "web.1", "MLFLOW_ALLOW_EPHEMERAL": "true"}, false},
		{"no dyno", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if c := mustLoad(t, Serve, tt.vars); c.Capacity.EphemeralArtifacts != tt.refuses {
				t.Errorf("refuses writes: %v", c.Capacity.EphemeralArtifacts)
			}
		})
	}
}

func TestCapacityIsRead(t *testing.T) {
	c := mustLoad(t, Serve, map[string]string{
		"MLFLOW_DB_HOST": "h", "MLFLOW_DB_MAX_CONNECTIONS": "40", "MLFLOW_DB_IDLE_SECONDS": "0", "MLFLOW_DB_MIGRATION_WAIT_SECONDS": "5",
		"MLFLOW_WORKER_MEMORY_MB": "300", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "true", "MLFLOW_METRICS_PORT": "9090",
	})
	want := Capacity{
		MaxConnections: 40, MigrationWait: 5 * time.Second, WatchMemory: true, WorkerMemory: 300 << 20, Jobs: true,
		MetricsAddr: "127.0.0.1:9090",
	}
	if c.Capacity != want {
		t.Errorf("got %+v, want %+v", c.Capacity, want)
	}
	if c := mustLoad(t, Serve, map[string]string{"MLFLOW_WORKER_MEMORY_MB": "0"}); c.Capacity.WatchMemory {
		t.Error("0 does not switch the watch off")
	}
	for _, vars := range []map[string]string{
		{"MLFLOW_DB_HOST": "h", "MLFLOW_DB_MAX_CONNECTIONS": "5"},
		{"MLFLOW_WORKER_MEMORY_MB": "some"},
		{"MLFLOW_WORKER_MEMORY_MB": "63"},
		{"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "1"},
		{"MLFLOW_METRICS_PORT": "0"},
		{"MLFLOW_ALLOW_EPHEMERAL": "yes"},
	} {
		mustReject(t, vars)
	}
}

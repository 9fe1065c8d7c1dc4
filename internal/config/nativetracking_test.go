package config

import "testing"

func TestNativeTrackingIsOffWhereItCouldNotBeEqual(t *testing.T) {
	const on = "MLFLOW_NATIVE_TRACKING"
	const postgres, mysql = "postgres://u:p@localhost/mlflow", "mysql://u:p@localhost/mlflow"
	for _, tt := range []struct {
		name      string
		variables map[string]string
		want      string
	}{
		{"on PostgreSQL", map[string]string{"DATABASE_URL": postgres}, ""},
		{"asked for on PostgreSQL", map[string]string{"DATABASE_URL": postgres, on: "true"}, ""},
		{"switched off", map[string]string{"DATABASE_URL": postgres, on: "false"}, "MLFLOW_NATIVE_TRACKING is false"},
		{"on MySQL", map[string]string{"DATABASE_URL": mysql, on: "true"}, "the database is not PostgreSQL"},
		{"on SQLite", map[string]string{on: "true"}, "the database is not PostgreSQL"},
		{"with workspaces", map[string]string{"DATABASE_URL": postgres, on: "true", "MLFLOW_ENABLE_WORKSPACES": "True"}, "workspaces are switched on"},
		{"with an archive", map[string]string{"DATABASE_URL": postgres, on: "true", "MLFLOW_TRACE_ARCHIVAL_CONFIG": "/archive.yaml"},
			"an archive for traces is configured, which the answers about experiments tell of"},
		{"with a replica", map[string]string{"DATABASE_URL": postgres, on: "true", "MLFLOW_READ_REPLICA_BACKEND_STORE_URI": postgres},
			"MLflow reads from a replica of the database"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustLoad(t, Serve, tt.variables).Capacity.NativeOff; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

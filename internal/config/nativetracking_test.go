package config

import "testing"

func TestNativeTrackingIsOffWhereItCouldNotBeEqual(t *testing.T) {
	const postgres, mysql = "postgres://u:p@localhost/mlflow", "mysql://u:p@localhost/mlflow"
	for _, tt := range []struct {
		name      string
		variables map[string]string
		want      string
	}{
		{"on PostgreSQL it is on", map[string]string{"DATABASE_URL": postgres}, ""},
		{"switched off", map[string]string{"DATABASE_URL": postgres, "MLFLOW_NATIVE_TRACKING": "false"}, "MLFLOW_NATIVE_TRACKING is false"},
		{"on MySQL", map[string]string{"DATABASE_URL": mysql}, "the database is not PostgreSQL"},
		{"on SQLite", nil, "the database is not PostgreSQL"},
		{"with workspaces", map[string]string{"DATABASE_URL": postgres, "MLFLOW_ENABLE_WORKSPACES": "True"}, "workspaces are switched on"},
		{"with a replica", map[string]string{"DATABASE_URL": postgres, "MLFLOW_READ_REPLICA_BACKEND_STORE_URI": postgres},
			"MLflow reads from a replica of the database"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustLoad(t, Serve, tt.variables).Capacity.NativeOff; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

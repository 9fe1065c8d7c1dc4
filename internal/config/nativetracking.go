package config

import (
	"slices"
	"strings"
)

const nativeTrackingVariable = "MLFLOW_NATIVE_TRACKING"

// replicaVariable names a second database that MLflow reads from (mlflow/environment_variables.py).
const replicaVariable = "MLFLOW_READ_REPLICA_BACKEND_STORE_URI"

// archivalVariable names a file that configures the archive of traces (mlflow/environment_variables.py).
const archivalVariable = "MLFLOW_TRACE_ARCHIVAL_CONFIG"

// nativeTracking is why the calls of training loops are left to MLflow, in words for people; empty where they need not be.
func (r *reader) nativeTracking(b Backend) string {
	_, replica := r.set(replicaVariable)
	_, archival := r.set(archivalVariable)
	switch {
	case !r.boolean(nativeTrackingVariable):
		return nativeTrackingVariable + " is false"
	case b.Dialect != PostgreSQL:
		return "the database is not PostgreSQL"
	case r.workspaces():
		return "workspaces are switched on"
	case archival:
		return "an archive for traces is configured, which the answers about experiments tell of"
	case replica:
		return "MLflow reads from a replica of the database"
	}
	return ""
}

// workspaces says whether MLflow's workspaces are switched on.
func (r *reader) workspaces() bool {
	text, _ := r.set("MLFLOW_ENABLE_WORKSPACES")
	return slices.Contains([]string{"true", "1"}, strings.ToLower(text))
}

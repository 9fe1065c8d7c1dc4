package badinput_test

import (
	"testing"

	"mlflow-server/e2e/harness"
)

func TestJobsThatTheLeanRuntimeCannotRunAreRefusedBeforeItListens(t *testing.T) {
	harness.Runtime(t)
	result := harness.RunToExit(t, harness.Options{Env: map[string]string{"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "true"}})
	refused(t, result, "  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: ", "has no package huey", "MLFLOW_EXTRAS=huey", "the configuration has 1 problem")
	if result.Listened {
		t.Error("it listened before it looked")
	}
}

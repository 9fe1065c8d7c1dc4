package fasttrack

import (
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/fasttrack"
)

func TestTheLockedMLflowIsTheOneThatWasProven(t *testing.T) {
	if got := harness.Runtime(t).MLflowVersion; got != fasttrack.Proven().MLflow {
		t.Errorf("MLflow %s is locked, and %s was proven: run \"go run ./internal/fasttrack/prove\"", got, fasttrack.Proven().MLflow)
	}
}

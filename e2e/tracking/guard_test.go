package tracking_test

import (
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// TestTheLocksGuardIsWholeBeforeItsThreadBegins: it looks after the lock while MLflow, and SQLAlchemy's second half with it, is
// being imported. What it finds half imported it would take for the lock's loss.
func TestTheLocksGuardIsWholeBeforeItsThreadBegins(t *testing.T) {
	parts, err := filepath.Abs(filepath.Join("..", "..", "internal", "tracking"))
	if err != nil {
		t.Fatal(err)
	}
	out := python(t, harness.Runtime(t), `
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import mlflow_serve.guard
print("sqlalchemy.orm.exc" in sys.modules, hasattr(sys.modules.get("sqlalchemy.orm.exc"), "UnmappedClassError"))
`, parts)
	if !strings.Contains(out, "True True") {
		t.Error(out)
	}
}

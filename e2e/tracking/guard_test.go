package tracking_test

import "testing"

// TestTheLocksGuardIsWholeBeforeItsThreadBegins: it looks after the lock while MLflow, and SQLAlchemy's second half with it, is
// being imported. What it finds half imported it would take for the lock's loss.
func TestTheLocksGuardIsWholeBeforeItsThreadBegins(t *testing.T) {
	out := withParts(t, `
import sys
import mlflow_serve.guard
print("sqlalchemy.orm.exc" in sys.modules, hasattr(sys.modules.get("sqlalchemy.orm.exc"), "UnmappedClassError"))
`)
	if out != "True True" {
		t.Error(out)
	}
}

package tracking_test

import "testing"

// TestTheLocksGuardIsWholeBeforeItsThreadBegins: it looks after the lock while MLflow, and SQLAlchemy's second half with it, is
// being imported. What it finds half imported fails.
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

// TestAFaultOfTheGuardIsNoLossOfTheLock: an upgrade that is stopped between two steps is worse than one whose guard misses a look.
func TestAFaultOfTheGuardIsNoLossOfTheLock(t *testing.T) {
	out := withParts(t, `
import sqlalchemy.exc
from mlflow_serve import guard

class Lock:
    def look(self, sessions):
        raise self.error

def lost(error):
    lock = Lock()
    lock.error = error
    watched = guard.Guard(lock, 1, None)
    watched._look()
    return watched.lost is not None

gone = sqlalchemy.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection"))
print(lost(AttributeError("astimezone")), lost(gone), lost(ConnectionError("renewed")), lost(sqlalchemy.exc.PendingRollbackError()))
`)
	if out != "False True True True" {
		t.Error(out)
	}
}

package tracking_test

import "testing"

// TestAFileThatTakesLongToReadIsNoFailure: the check of a database's file reads all of it.
func TestAFileThatTakesLongToReadIsNoFailure(t *testing.T) {
	out := withParts(t, `
import time, types, sqlalchemy
from mlflow_serve import examine
found = []
report = types.SimpleNamespace(looking=lambda check: None, finding=lambda check, state, text, fix="": found.append((check, state)))
examine.LAST = {"sqlite": [("database file", lambda connection, tell: time.sleep(60))]}
examine.SLOW = {"database file": 0.2}
examine._database(sqlalchemy.create_engine("sqlite:///a.db"), "a.db", types.SimpleNamespace(mlflow_version="3"), report)
print([f for f in found if f[0] != "database"])
import os, sys; sys.stdout.flush(); os._exit(0)
`)
	if want := "[('database rights', 'ok'), ('schema', 'warn'), ('database file', 'warn')]"; out != want {
		t.Errorf("%s, want %s", out, want)
	}
}

package tracking_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestACopyThatWillNotFitIsNotBegun: filling a real disk up would need one that the test may mount.
func TestACopyThatWillNotFitIsNotBegun(t *testing.T) {
	dir := t.TempDir()
	out := withParts(t, `
import collections, shutil, sqlite3, sys, types
from mlflow_serve import backup
path = sys.argv[1]
connection = sqlite3.connect(path)
connection.execute("CREATE TABLE filled (x)")
connection.execute("INSERT INTO filled VALUES (zeroblob(3000000))")
connection.commit()
shutil.disk_usage = lambda directory: collections.namedtuple("usage", "free")(2000000)
try:
    backup.before_upgrade("sqlite:///" + path, types.SimpleNamespace(found="abc"), None)
except backup.Failure as failure:
    print(failure)
`, filepath.Join(dir, "mlflow.db"))
	if !strings.Contains(out, "it needs 3 MB, and 2 MB are free in "+dir+". Nothing was changed.") {
		t.Error(out)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.backup*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

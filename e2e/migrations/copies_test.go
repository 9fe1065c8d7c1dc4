package migrations

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

// Where a platform starts a server again and again, the disk must not fill up with copies of the same database.
func TestAnUpgradeThatFailsAgainAndAgainAddsACopyOnlyOfWhatHasChanged(t *testing.T) {
	t.Parallel()
	dir, uri := upgrade.OldSQLite(t)
	inSQLite(t, uri, "ALTER TABLE inputs ADD COLUMN step BIGINT") // as the seventh step wants to do
	fail := func() {
		t.Helper()
		if r := harness.RunToExit(t, harness.Options{Args: []string{"migrate"}, Dir: dir}); r.Code != 1 || !strings.Contains(r.Stderr, "duplicate column name") {
			t.Fatalf("exit code %d:\n%s", r.Code, r.Stderr)
		}
	}
	for range 3 {
		fail()
	}
	// One of what MLflow 2.9.2 had left, and one of what the six steps have made of it.
	copies(t, dir, 2)
	inSQLite(t, uri, "UPDATE experiments SET name = name || ' changed' WHERE experiment_id = 1")
	before := upgrade.Contents(t, uri, nil)
	fail()
	made := copies(t, dir, 3)
	upgrade.Same(t, before, upgrade.Contents(t, "sqlite:///"+made[len(made)-1], before))
}

func TestWhatAKilledCopyHasLeftIsRemoved(t *testing.T) {
	t.Parallel()
	dir, _ := upgrade.OldSQLite(t)
	for _, name := range []string{".part", ".part-journal"} {
		if err := os.WriteFile(filepath.Join(dir, "mlflow.db."+upgrade.OldRevision+".20200101T000000Z.backup"+name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := harness.RunToExit(t, harness.Options{Args: []string{"migrate"}, Dir: dir}); r.Code != 0 {
		t.Fatalf("exit code %d:\n%s", r.Code, r.Stderr)
	}
	copies(t, dir, 1)
}

// What was written last is in another file there.
func TestADatabaseWithAWriteAheadLogIsCopiedWhole(t *testing.T) {
	t.Parallel()
	dir, uri := upgrade.OldSQLite(t)
	if printed, err := harness.PythonSource(t, harness.Client{}, `
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode = wal")
with connection:
    connection.execute("UPDATE experiments SET name = 'in the log' WHERE experiment_id = 1")
os._exit(0)  # without closing, which would empty the log
`, strings.TrimPrefix(uri, "sqlite:///")); err != nil {
		t.Fatal(printed)
	}
	if info, err := os.Stat(filepath.Join(dir, "mlflow.db-wal")); err != nil || info.Size() == 0 {
		t.Fatalf("there is nothing in the log (%v)", err)
	}
	if r := harness.RunToExit(t, harness.Options{Args: []string{"migrate"}, Dir: dir}); r.Code != 0 {
		t.Fatalf("exit code %d:\n%s", r.Code, r.Stderr)
	}
	now := upgrade.Contents(t, uri, nil)
	copied := upgrade.Contents(t, "sqlite:///"+copies(t, dir, 1)[0], nil)
	for name, has := range map[string]map[string]upgrade.Table{"database": now, "copy": copied} {
		found := false
		for _, row := range has["experiments"].Rows {
			for _, value := range row {
				found = found || value == "in the log"
			}
		}
		if !found {
			t.Errorf("the %s does not have what was in the log: %v", name, has["experiments"].Rows)
		}
	}
}

// MLflow before 1.0 wrote no revision down.
func TestADatabaseWithoutARevisionIsCopiedToo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	uri := "sqlite:///" + filepath.Join(dir, "mlflow.db")
	if printed, err := harness.PythonSource(t, harness.Client{}, `
import sqlalchemy, sys
from mlflow.store.tracking.dbmodels.initial_models import Base
engine = sqlalchemy.create_engine(sys.argv[1])
Base.metadata.create_all(engine)
with engine.begin() as connection:
    connection.execute(sqlalchemy.text("INSERT INTO experiments (name, lifecycle_stage) VALUES ('from 2019', 'active')"))
`, uri); err != nil {
		t.Fatal(printed)
	}
	before := upgrade.Contents(t, uri, nil)
	if r := harness.RunToExit(t, harness.Options{Args: []string{"migrate"}, Dir: dir}); r.Code != 0 {
		t.Fatalf("exit code %d:\n%s", r.Code, r.Stderr)
	}
	for what, uri := range map[string]string{"database": uri, "copy": "sqlite:///" + copies(t, dir, 1)[0]} {
		now := upgrade.Contents(t, uri, before)["experiments"].Rows
		if !slices.ContainsFunc(now, func(row []string) bool { return slices.Contains(row, "from 2019") }) {
			t.Errorf("the %s has the experiments %v", what, now)
		}
	}
}

// copies returns those beside the database, the oldest first, and wants nothing else of them to be there.
func copies(t *testing.T, dir string, want int) []string {
	t.Helper()
	made, err := filepath.Glob(filepath.Join(dir, "*.backup"))
	if err != nil || len(made) != want {
		t.Fatalf("%d copies, wanted %d: %v (%v)", len(made), want, made, err)
	}
	if parts, _ := filepath.Glob(filepath.Join(dir, "*.backup?*")); len(parts) != 0 {
		t.Errorf("left behind: %v", parts)
	}
	age := map[string]int64{}
	for _, copied := range made {
		info, err := os.Stat(copied)
		if err != nil {
			t.Fatal(err)
		}
		age[copied] = info.ModTime().UnixNano()
	}
	slices.SortFunc(made, func(a, b string) int { return cmp.Compare(age[a], age[b]) })
	return made
}

func inSQLite(t *testing.T, uri, statement string) {
	t.Helper()
	if printed, err := harness.PythonSource(t, harness.Client{}, `
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as connection:
    connection.execute(sys.argv[2])
`, strings.TrimPrefix(uri, "sqlite:///"), statement); err != nil {
		t.Fatal(printed)
	}
}

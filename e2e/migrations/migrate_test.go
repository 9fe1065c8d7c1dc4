package migrations

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

func TestEightProcessesUpgradeAnOldPostgreSQLOnceAndKeepItsData(t *testing.T) {
	d := upgrade.OldPostgres(t)
	uri := d.URL("postgresql+psycopg")
	before := upgrade.Contents(t, uri, nil)
	upgrade.Together(t, 8, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}})
	upgrade.Same(t, before, upgrade.Contents(t, uri, before))
}

func TestEightProcessesMakeTheSchemaOfAnEmptyPostgreSQLOnce(t *testing.T) {
	uri := harness.Postgres(t).URL("postgresql+psycopg")
	upgrade.Together(t, 8, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}})
	if experiments := upgrade.Contents(t, uri, nil)["experiments"].Rows; len(experiments) != 1 {
		t.Errorf("experiments: %v", experiments)
	}
}

func TestAnOldSQLiteIsCopiedUpgradedByOneAndKeepsItsData(t *testing.T) {
	dir, uri := upgrade.OldSQLite(t)
	before := upgrade.Contents(t, uri, nil)
	if err := os.Chmod(filepath.Join(dir, "mlflow.db"), 0o640); err != nil {
		t.Fatal(err)
	}
	upgrade.Together(t, 8, harness.Options{Dir: dir})
	upgrade.Same(t, before, upgrade.Contents(t, uri, before))
	copies, err := filepath.Glob(filepath.Join(dir, "mlflow.db."+upgrade.OldRevision+".*.backup"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("copies: %v (%v)", copies, err)
	}
	if info, err := os.Stat(copies[0]); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the copy of a database with mode 0640 has %v (%v)", info.Mode(), err)
	}
	upgrade.Same(t, before, upgrade.Contents(t, "sqlite:///"+copies[0], nil))
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestANewerSchemaIsRefusedAndLeftAlone(t *testing.T) {
	dir, uri := upgrade.OldSQLite(t)
	if printed, err := harness.PythonSource(t, harness.Client{}, `
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as connection:
    connection.execute("UPDATE alembic_version SET version_num = 'fffffffffff0'")
`, strings.TrimPrefix(uri, "sqlite:///")); err != nil {
		t.Fatal(printed)
	}
	file := filepath.Join(dir, "mlflow.db")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := harness.RunToExit(t, harness.Options{Args: []string{"migrate"}, Dir: dir})
	if r.Code != 1 || !strings.Contains(r.Stderr, "revision fffffffffff0) is newer than MLflow") || !strings.Contains(r.Stderr, ", or not MLflow's;") {
		t.Errorf("exit code %d: %s", r.Code, r.Stderr)
	}
	after, err := os.ReadFile(file)
	if err != nil || string(after) != string(before) {
		t.Errorf("the database was changed (%v)", err)
	}
}

// lockOfTheSchema takes PostgreSQL's lock with the key of internal/tracking/mlflow_serve/locks.py.
const lockOfTheSchema = "SELECT pg_advisory_xact_lock(('x' || substr(encode(sha256('mlflow-server schema'), 'hex'), 1, 16))::bit(64)::bigint)"

func TestWhoHoldsTheLockForTooLongIsNamed(t *testing.T) {
	t.Run("PostgreSQL", func(t *testing.T) {
		d := upgrade.OldPostgres(t)
		tx, err := harness.OpenPostgres(t, d).BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		for _, statement := range []string{"SET application_name = 'somebody stuck'", lockOfTheSchema} {
			if _, err := tx.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		upgrade.Refused(t, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("postgresql+psycopg")}},
			"PostgreSQL's process ", "(somebody stuck, 127.0.0.1, since ")
	})
	t.Run("SQLite", func(t *testing.T) {
		dir, _ := upgrade.OldSQLite(t)
		hold(t, filepath.Join(dir, "mlflow.db.lock"))
		upgrade.Refused(t, harness.Options{Dir: dir}, "process 4711 (somebody stuck)")
	})
}

package migrations

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"mlflow-server/e2e/harness"
)

const upToDate = `msg="the database's schema is up to date"`

// progress is in the log of whoever changes a schema.
var progress = regexp.MustCompile(`msg="upgrading the database's schema" step=(\d+) of=(\d+)`)

// migrateTogether runs so many "mlflow-server migrate" at once; all have to succeed and one to do the work.
func migrateTogether(t *testing.T, processes int, o harness.Options) {
	t.Helper()
	o.Args = []string{"migrate"}
	results := make([]harness.Result, processes)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = harness.RunToExit(t, o) })
	}
	all.Wait()
	worked := 0
	for _, r := range results {
		if told := progress.FindAllStringSubmatch(r.Stderr, -1); strings.Contains(r.Stderr, upToDate) &&
			(len(told) < 2 || told[0][1] != "1" || told[len(told)-1][1] != told[0][2]) {
			t.Errorf("the log does not tell the first step and the last: %q\n%s", told, r.Stderr)
		}
		if r.Code != 0 || r.Listened || !strings.Contains(r.Stdout, "up to date") {
			t.Errorf("exit code %d:\n%s", r.Code, r.Stderr)
		}
		worked += strings.Count(r.Stderr, upToDate)
	}
	if worked != 1 {
		t.Errorf("%d processes changed the schema", worked)
	}
}

func TestEightProcessesUpgradeAnOldPostgreSQLOnceAndKeepItsData(t *testing.T) {
	d := oldPostgres(t)
	uri := d.URL("postgresql+psycopg")
	before := contents(t, uri, nil)
	migrateTogether(t, 8, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}})
	same(t, before, contents(t, uri, before))
}

func TestEightProcessesUpgradeAnOldMariaDBOnceAndKeepItsData(t *testing.T) {
	uri := oldMariaDB(t).URL("mysql+pymysql")
	before := contents(t, uri, nil)
	migrateTogether(t, 8, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}})
	same(t, before, contents(t, uri, before))
}

func TestEightProcessesMakeTheSchemaOfAnEmptyPostgreSQLOnce(t *testing.T) {
	uri := harness.Postgres(t).URL("postgresql+psycopg")
	migrateTogether(t, 8, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}})
	if experiments := contents(t, uri, nil)["experiments"].Rows; len(experiments) != 1 {
		t.Errorf("experiments: %v", experiments)
	}
}

func TestEightProcessesMakeTheSchemaOfAnEmptyMariaDBOnce(t *testing.T) {
	d := harness.MySQL(t)
	migrateTogether(t, 8, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("mysql+pymysql")}})
	if experiments, err := harness.QueryMySQL(t.Context(), d, "SELECT name FROM `"+d.Name+"`.experiments"); err != nil || experiments != "Default" {
		t.Errorf("experiments: %q, %v", experiments, err)
	}
}

func TestAnOldSQLiteIsCopiedUpgradedByOneAndKeepsItsData(t *testing.T) {
	dir, uri := oldSQLite(t)
	before := contents(t, uri, nil)
	if err := os.Chmod(filepath.Join(dir, "mlflow.db"), 0o640); err != nil {
		t.Fatal(err)
	}
	migrateTogether(t, 8, harness.Options{Dir: dir})
	same(t, before, contents(t, uri, before))
	copies, err := filepath.Glob(filepath.Join(dir, "mlflow.db."+oldRevision+".*.backup"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("copies: %v (%v)", copies, err)
	}
	if info, err := os.Stat(copies[0]); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the copy of a database with mode 0640 has %v (%v)", info.Mode(), err)
	}
	same(t, before, contents(t, "sqlite:///"+copies[0], nil))
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func same(t *testing.T, before, after map[string]table) {
	t.Helper()
	for name, old := range before {
		if now := after[name]; !reflect.DeepEqual(now.Rows, old.Rows) {
			t.Errorf("table %s (%v)\nhad %v\nhas %v", name, old.Columns, old.Rows, now.Rows)
		}
	}
	if len(before["metrics"].Rows) < 60 {
		t.Errorf("the old database has %d metrics", len(before["metrics"].Rows))
	}
}

func TestANewerSchemaIsRefusedAndLeftAlone(t *testing.T) {
	dir, uri := oldSQLite(t)
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
		d := oldPostgres(t)
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
		refused(t, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("postgresql+psycopg")}},
			"PostgreSQL's process ", "(somebody stuck, 127.0.0.1, since ")
	})
	t.Run("MariaDB", func(t *testing.T) {
		d := harness.MySQL(t)
		holdMySQL(t, d)
		refused(t, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("mysql+pymysql")}}, "MySQL's connection ", " ("+d.User+" from ")
	})
	t.Run("SQLite", func(t *testing.T) {
		dir, _ := oldSQLite(t)
		hold(t, filepath.Join(dir, "mlflow.db.lock"))
		refused(t, harness.Options{Dir: dir}, "process 4711 (somebody stuck)")
	})
}

func refused(t *testing.T, o harness.Options, parts ...string) {
	t.Helper()
	o.Args = []string{"migrate"}
	env := map[string]string{"MLFLOW_DB_MIGRATION_WAIT_SECONDS": "3"}
	for name, value := range o.Env {
		env[name] = value
	}
	o.Env = env
	r := harness.RunToExit(t, o)
	if r.Code != 1 {
		t.Errorf("exit code %d", r.Code)
	}
	if n := strings.Count(r.Stderr, "waiting for another process"); n != 1 { // not once for every second that its holder is idle
		t.Errorf("the wait was logged %d times", n)
	}
	for _, part := range append(parts, "the database's schema has been locked for more than 3 s by") {
		if !strings.Contains(r.Stderr, part) {
			t.Errorf("%q is not in:\n%s", part, r.Stderr)
		}
	}
}

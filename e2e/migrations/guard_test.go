package migrations

import (
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// The lock is a transaction that does nothing for as long as an upgrade takes, and servers are often told to end such ones.
func TestTheLockOutlivesAServersLimitForIdleTransactions(t *testing.T) {
	d := oldPostgres(t)
	db := harness.OpenPostgres(t, d)
	limit := func(what string) {
		if _, err := db.ExecContext(t.Context(), `ALTER DATABASE "`+d.Name+`" `+what); err != nil {
			t.Fatal(err)
		}
	}
	limit("SET idle_in_transaction_session_timeout = '500ms'")
	uri := d.URL("postgresql+psycopg")
	migrateTogether(t, 2, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}})
}

// A pooler has a limit of its own, which no client can change. Here the upgrade takes longer than that.
func TestTheLockOutlivesAPoolersLimitForIdleTransactions(t *testing.T) {
	t.Parallel()
	d := oldPostgres(t)
	tx, err := harness.OpenPostgres(t, d).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), "SELECT count(*) FROM registered_models"); err != nil {
		t.Fatal(err)
	}
	pooled := harness.PgBouncer(t, d, "idle_transaction_timeout = 5")
	s := harness.Launch(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": pooled.URL("postgresql+psycopg")}})
	s.WaitLog("a table that is to be changed is in use, waiting for it")
	time.Sleep(8 * time.Second)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if code := s.WaitExit(2 * time.Minute); code != 0 {
		t.Errorf("exit code %d:\n%s", code, s.Log())
	}
}

// Whoever ends the session of the lock lets a second process in: the first has to stop.
func TestAnUpgradeWhoseLockIsLostStops(t *testing.T) {
	t.Parallel()
	d := oldPostgres(t)
	db := harness.OpenPostgres(t, d)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	// The upgrade has to wait in the middle.
	if _, err := tx.ExecContext(t.Context(), "SELECT count(*) FROM registered_models"); err != nil {
		t.Fatal(err)
	}
	s := harness.Launch(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("postgresql+psycopg")}})
	s.WaitLog("a table that is to be changed is in use, waiting for it")
	var ended int
	if err := db.QueryRowContext(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_locks
		WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&ended); err != nil || ended != 1 {
		t.Fatalf("%d sessions hold the lock (%v)", ended, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if code := s.WaitExit(2 * time.Minute); code != 1 || !strings.Contains(s.Log(), "the database has ended the session that holds the lock on its schema") {
		t.Errorf("exit code %d:\n%s", code, s.Log())
	}
	var revision string
	if err := db.QueryRowContext(t.Context(), "SELECT version_num FROM alembic_version").Scan(&revision); err != nil || revision != oldRevision {
		t.Errorf("the schema's revision is %s (%v)", revision, err)
	}
}

// An old dyno's transaction holds what it has read. Everything that comes after the waiting upgrade waits as well.
func TestWhoKeepsATableFromBeingChangedIsNamed(t *testing.T) {
	t.Parallel()
	env := func(uri string) harness.Options {
		return harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": uri, "MLFLOW_DB_MIGRATION_WAIT_SECONDS": "3"}}
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		d := oldPostgres(t)
		tx, err := harness.OpenPostgres(t, d).BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		for _, statement := range []string{"SET application_name = 'an old dyno'", "SELECT count(*) FROM registered_models"} {
			if _, err := tx.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		inTheWay(t, env(d.URL("postgresql+psycopg")), "PostgreSQL's process ", "(an old dyno, 127.0.0.1, since ")
	})
	t.Run("MariaDB", func(t *testing.T) {
		d := oldMariaDB(t)
		uri := d.URL("mysql+pymysql")
		before := contents(t, uri, nil)
		release := holdTable(t, d, "registered_models")
		inTheWay(t, env(uri), "possibly MySQL's connection ", " ("+d.User+" from ")
		// Its changes of tables cannot be taken back: what was given up must not have left one behind.
		release()
		if r := harness.RunToExit(t, env(uri)); r.Code != 0 || !strings.Contains(r.Stdout, "up to date") {
			t.Fatalf("started again, exit code %d:\n%s", r.Code, r.Stderr)
		}
		same(t, before, contents(t, uri, before))
	})
}

func inTheWay(t *testing.T, o harness.Options, parts ...string) {
	t.Helper()
	r := harness.RunToExit(t, o)
	if r.Code != 1 {
		t.Errorf("exit code %d", r.Code)
	}
	for _, part := range append(parts, "a table that is to be changed is in use, waiting for it", "a table was in use for more than 3 s by ") {
		if !strings.Contains(r.Stderr, part) {
			t.Errorf("%q is not in:\n%s", part, r.Stderr)
		}
	}
}

// MLflow has a connection that does nothing as long as an upgrade takes, and ends it at last.
func TestAnUpgradeOfMariaDBWhoseIdleConnectionIsGoneIsDoneAllTheSame(t *testing.T) {
	t.Parallel()
	d := oldMariaDB(t)
	uri := d.URL("mysql+pymysql")
	before := contents(t, uri, nil)
	uri += "?init_command=SET%20SESSION%20wait_timeout%3D4"
	s := harness.Launch(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": uri, "MLFLOW_LOGGING_LEVEL": "DEBUG"}})
	s.WaitLog("| step 3 of ")
	release := holdTable(t, d, "latest_metrics")
	s.WaitLog("a table that is to be changed is in use, waiting for it")
	time.Sleep(8 * time.Second) // longer than the server leaves an idle connection
	release()
	if code := s.WaitExit(2 * time.Minute); code != 0 || !strings.Contains(s.Log(), "the upgrade is done; its end was not clean") {
		t.Errorf("exit code %d:\n%s", code, s.Log())
	}
	same(t, before, contents(t, d.URL("mysql+pymysql"), before))
}

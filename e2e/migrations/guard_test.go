package migrations

import (
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

// The lock is a transaction that does nothing for as long as an upgrade takes, and servers are often told to end such ones. The
// limit is shorter than the pause between two looks at the lock. It holds while the upgrade waits for a table: in a
// transaction that works, a busy machine would reach it as well.
func TestTheLockOutlivesAServersLimitForIdleTransactions(t *testing.T) {
	t.Parallel()
	d, _ := harness.RestartablePostgres(t) // whose limits are those of nobody else
	upgrade.FillPostgres(t, d)
	db := harness.OpenPostgres(t, d)
	do := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, statement := range []string{"SET LOCAL idle_in_transaction_session_timeout = 0", "SELECT count(*) FROM registered_models"} {
		if _, err := tx.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	s := harness.Launch(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("postgresql+psycopg")}})
	s.WaitLog("a table that is to be changed is in use, waiting for it")
	do("ALTER SYSTEM SET idle_in_transaction_session_timeout = '500ms'")
	do("SELECT pg_reload_conf()")
	time.Sleep(6 * time.Second) // several looks, each of which would bring the limit along
	do("ALTER SYSTEM RESET idle_in_transaction_session_timeout")
	do("SELECT pg_reload_conf()")
	var holders int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted").Scan(&holders); err != nil || holders != 1 {
		t.Errorf("%d sessions hold the lock (%v)", holders, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if code := s.WaitExit(3 * time.Minute); code != 0 || !strings.Contains(s.Log(), upgrade.Done) {
		t.Errorf("exit code %d:\n%s", code, s.Log())
	}
}

// A pooler has a limit of its own, which no client can change. Here the upgrade takes longer than that.
func TestTheLockOutlivesAPoolersLimitForIdleTransactions(t *testing.T) {
	t.Parallel()
	d := upgrade.OldPostgres(t)
	tx, err := harness.OpenPostgres(t, d).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), "SELECT count(*) FROM registered_models"); err != nil {
		t.Fatal(err)
	}
	pooled := harness.PgBouncer(t, d, "idle_transaction_timeout = 10")
	s := harness.Launch(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": pooled.URL("postgresql+psycopg")}})
	s.WaitLog("a table that is to be changed is in use, waiting for it")
	time.Sleep(13 * time.Second)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if code := s.WaitExit(3 * time.Minute); code != 0 {
		t.Errorf("exit code %d:\n%s", code, s.Log())
	}
}

// Whoever ends the session of the lock lets a second process in: the first has to stop.
func TestAnUpgradeWhoseLockIsLostStops(t *testing.T) {
	t.Parallel()
	d := upgrade.OldPostgres(t)
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
	if code := s.WaitExit(3 * time.Minute); code != 1 || !strings.Contains(s.Log(), "the database has ended the session that holds the lock on its schema") {
		t.Errorf("exit code %d:\n%s", code, s.Log())
	}
	var revision string
	if err := db.QueryRowContext(t.Context(), "SELECT version_num FROM alembic_version").Scan(&revision); err != nil || revision != upgrade.OldRevision {
		t.Errorf("the schema's revision is %s (%v)", revision, err)
	}
}

// An old dyno's transaction holds what it has read. Everything that comes after the waiting upgrade waits as well.
func TestWhoKeepsATableFromBeingChangedIsNamed(t *testing.T) {
	t.Parallel()
	d := upgrade.OldPostgres(t)
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
	upgrade.InTheWay(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{
		"MLFLOW_BACKEND_URI": d.URL("postgresql+psycopg"), "MLFLOW_DB_MIGRATION_WAIT_SECONDS": "3",
	}}, "PostgreSQL's process ", "(an old dyno, 127.0.0.1, since ")
}

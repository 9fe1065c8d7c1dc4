package migrations

import (
	"database/sql"
	"fmt"
	"os"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

// restricted is the password of roles that are no superusers.
const restricted = "not-a-superuser"

// ownedPostgres is an old database with all that is in it of a role that is no superuser, as providers give one away.
func ownedPostgres(t *testing.T, limits string) (owned harness.Database, superuser *sql.DB) {
	t.Helper()
	owned = harness.Postgres(t)
	superuser = harness.OpenPostgres(t, owned)
	role := fmt.Sprintf("owner_%d_%d", os.Getpid(), time.Now().UnixNano())
	for _, statement := range []string{
		fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s' %s", role, restricted, limits),
		fmt.Sprintf(`ALTER DATABASE "%s" OWNER TO %s`, owned.Name, role),
	} {
		if _, err := superuser.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	owned.User, owned.Password = role, restricted
	upgrade.FillPostgres(t, owned)
	return owned, superuser
}

// PostgreSQL shows a role nothing of another one's sessions but that they are there: neither since when, nor from where.
func TestASessionOfAnotherRoleIsNamedAndNotTakenForTheLocksLoss(t *testing.T) {
	t.Parallel()
	t.Run("in the way", func(t *testing.T) {
		d, superuser := ownedPostgres(t, "")
		uri := d.URL("postgresql+psycopg")
		before := upgrade.Contents(t, uri, nil)
		tx := sessionOfSomebodyElse(t, superuser, "SELECT count(*) FROM registered_models")
		o := harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": uri}}
		stuck := o
		stuck.Env = map[string]string{"MLFLOW_BACKEND_URI": uri, "MLFLOW_DB_MIGRATION_WAIT_SECONDS": "3"}
		upgrade.InTheWay(t, stuck, "PostgreSQL's process ", "(a dump, of 'ml flow@e2e', since an unknown time)")

		s := harness.Launch(t, o)
		s.WaitLog("a table that is to be changed is in use, waiting for it")
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if code := s.WaitExit(3 * time.Minute); code != 0 {
			t.Errorf("exit code %d:\n%s", code, s.Log())
		}
		upgrade.Same(t, before, upgrade.Contents(t, uri, before))
	})
	t.Run("holder of the lock", func(t *testing.T) {
		d, superuser := ownedPostgres(t, "")
		sessionOfSomebodyElse(t, superuser, lockOfTheSchema)
		upgrade.Refused(t, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("postgresql+psycopg")}},
			"PostgreSQL's process ", "(a dump, of 'ml flow@e2e', since an unknown time)")
	})
}

func sessionOfSomebodyElse(t *testing.T, db *sql.DB, statement string) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	for _, statement := range []string{"SET application_name = 'a dump'", statement} {
		if _, err := tx.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return tx
}

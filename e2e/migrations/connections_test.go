package migrations

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

// A migration takes several connections, and the first one's being free says nothing about the others.
func TestAMigrationWaitsForEachOfItsConnections(t *testing.T) {
	t.Parallel()
	d, _ := ownedPostgres(t, "CONNECTION LIMIT 3")
	uri := d.URL("postgresql+psycopg")
	before := upgrade.Contents(t, uri, nil)
	release := takeConnections(t, d, 2)
	s := harness.Launch(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": uri}})
	s.WaitLog("s left: too many connections")
	release()
	if code := s.WaitExit(3 * time.Minute); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, s.Log())
	}
	upgrade.Same(t, before, upgrade.Contents(t, uri, before))
}

func TestAMigrationThatGetsNoOtherConnectionSaysWhy(t *testing.T) {
	t.Parallel()
	d, _ := ownedPostgres(t, "CONNECTION LIMIT 2")
	takeConnections(t, d, 1)
	r := harness.RunToExit(t, harness.Options{Args: []string{"migrate"},
		Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("postgresql+psycopg"), "MLFLOW_DB_WAIT_SECONDS": "3"}})
	if r.Code != 1 || !strings.Contains(r.Stderr, ": too many connections (tried for 3 s)") || strings.Contains(r.Stderr, "Traceback") {
		t.Errorf("exit code %d:\n%s", r.Code, r.Stderr)
	}
}

// takeConnections opens so many connections and keeps them until the test ends or calls what it returns.
func takeConnections(t *testing.T, d harness.Database, count int) (release func()) {
	t.Helper()
	db := harness.OpenPostgres(t, d)
	taken := make([]*sql.Conn, 0, count)
	for deadline := time.Now().Add(3 * time.Minute); len(taken) < count; {
		connection, err := db.Conn(t.Context())
		switch {
		case err == nil:
			taken = append(taken, connection)
		case time.Now().After(deadline):
			t.Fatal(err)
		default: // one that has been closed counts until its process has ended
			time.Sleep(20 * time.Millisecond)
		}
	}
	return func() {
		for _, connection := range taken {
			_ = connection.Close()
		}
		_ = db.Close()
	}
}

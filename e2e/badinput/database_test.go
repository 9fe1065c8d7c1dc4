package badinput_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestAnUnreachableDatabaseIsCountedDownAndThenNamed(t *testing.T) {
	port := harness.FreePort(t)
	dialects := map[string]map[string]string{
		"PostgreSQL by DATABASE_URL": {"DATABASE_URL": fmt.Sprintf("postgres://u:%s@127.0.0.1:%d/db", planted, port)},
		"MySQL by MLFLOW_DB_*": {"MLFLOW_DB_DIALECT": "mysql+pymysql", "MLFLOW_DB_HOST": "127.0.0.1", "MLFLOW_DB_PORT": fmt.Sprint(port),
			"MLFLOW_DB_PASSWORD": planted},
	}
	harness.Runtime(t)
	for name, env := range dialects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env["MLFLOW_DB_WAIT_SECONDS"] = "10" // the countdown is in steps of five
			result := harness.RunToExit(t, harness.Options{Env: env})
			endpoint := fmt.Sprintf("127.0.0.1:%d", port)
			refused(t, result, "cannot reach the database at "+endpoint, "connection refused")
			if !result.Listened {
				t.Error("nobody could see that it waits: the port was never open")
			}
			counted := 0
			for line := range strings.Lines(result.Stderr) {
				if strings.Contains(line, "waiting for the database at "+endpoint) && strings.Contains(line, "s left") {
					counted++
				}
			}
			if counted < 2 {
				t.Errorf("the countdown has %d lines:\n%s", counted, result.Stderr)
			}
		})
	}
}

func TestAWrongDatabasePasswordIsSaidAtOnce(t *testing.T) {
	database := harness.Postgres(t)
	database.Password = planted
	harness.Runtime(t)
	result := harness.RunToExit(t, harness.Options{Env: map[string]string{"DATABASE_URL": database.URL("postgres")}})
	refused(t, result, fmt.Sprintf("127.0.0.1:%d", database.Port), "password is wrong")
}

func TestAMissingDatabaseIsSaidAtOnce(t *testing.T) {
	database := harness.Postgres(t)
	database.Name = "not there"
	harness.Runtime(t)
	result := harness.RunToExit(t, harness.Options{Env: database.Environment(nil)})
	refused(t, result, fmt.Sprintf("127.0.0.1:%d", database.Port), "'not there'")
	if strings.Contains(result.Stdout+result.Stderr, database.Password) {
		t.Errorf("the database's password was printed:\n%s", result.Stderr)
	}
}

func TestAFileThatIsNoDatabaseIsLeftAlone(t *testing.T) {
	harness.Runtime(t)
	dir := t.TempDir()
	text := strings.Repeat("these are the only minutes of the meeting\n", 100)
	write(t, filepath.Join(dir, "mlflow.db"), text)
	result := harness.RunToExit(t, harness.Options{Dir: dir})
	refused(t, result, filepath.Join(dir, "mlflow.db"), "not a SQLite database")
	if read(t, filepath.Join(dir, "mlflow.db")) != text {
		t.Error("the file has changed")
	}
}

func TestASchemaNewerThanThisMLflowIsLeftAlone(t *testing.T) {
	database := harness.Postgres(t)
	db := harness.OpenPostgres(t, database)
	for _, statement := range []string{
		"CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
		"INSERT INTO alembic_version VALUES ('ffffffffffff')",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	harness.Runtime(t)
	result := harness.RunToExit(t, harness.Options{Env: database.Environment(map[string]string{"MLFLOW_TRACKING_PASSWORD": planted})})
	refused(t, result, "newer than MLflow", "ffffffffffff", fmt.Sprintf("127.0.0.1:%d", database.Port))
	var tables int
	query := "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
	if err := db.QueryRowContext(t.Context(), query).Scan(&tables); err != nil || tables != 1 {
		t.Errorf("there are %d tables (%v), wanted the one of before", tables, err)
	}
}

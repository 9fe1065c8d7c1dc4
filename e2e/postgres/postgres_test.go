package postgres_test

import (
	"net/url"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestPostgreSQLWorksForTheRealClient(t *testing.T) {
	database := harness.Postgres(t)

	t.Run("by DATABASE_URL, as Heroku sets it", func(t *testing.T) {
		server := harness.Start(t, harness.Options{Env: map[string]string{
			"DATABASE_URL": database.URL("postgres"),
			// What counts less must not get in the way.
			"MLFLOW_DB_HOST": "192.0.2.1",
		}})
		harness.Exercise(t, server.Client)
		holdsNoSecret(t, server, database)
		server.Stop()
	})

	t.Run("what was logged is in PostgreSQL", func(t *testing.T) {
		db := harness.OpenPostgres(t, database)
		for _, table := range []string{"experiments", "runs", "metrics", "params", "tags", "trace_info", "logged_models"} {
			var rows int
			if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows); err != nil || rows == 0 {
				t.Errorf("%s holds %d rows (%v)", table, rows, err)
			}
		}
	})

	t.Run("by MLFLOW_DB_*, with the data of before", func(t *testing.T) {
		server := harness.Start(t, harness.Options{Env: database.Environment(nil)})
		harness.Exercise(t, server.Client, "finds_earlier_data")
		holdsNoSecret(t, server, database)
		server.Stop()
	})

	t.Run("by MLFLOW_BACKEND_URI with a driver, which beats DATABASE_URL", func(t *testing.T) {
		server := harness.Start(t, harness.Options{Env: map[string]string{
			"MLFLOW_BACKEND_URI": database.URL("postgresql+psycopg") + "?sslmode=disable&application_name=of%20the%20test",
			"DATABASE_URL":       "postgres://user:pass@192.0.2.1/nowhere",
		}})
		harness.Exercise(t, server.Client, "finds_earlier_data")
		var named int
		query := "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'of the test'"
		if err := harness.OpenPostgres(t, database).QueryRowContext(t.Context(), query).Scan(&named); err != nil || named == 0 {
			t.Errorf("%d connections carry the name given in the query (%v)", named, err)
		}
		holdsNoSecret(t, server, database)
	})
}

// holdsNoSecret looks for the database's password, in every spelling that a URI gives it, where others could read it.
func holdsNoSecret(t *testing.T, server *harness.Instance, database harness.Database) {
	t.Helper()
	_, userinfo, _ := strings.Cut(url.UserPassword("", database.Password).String(), ":")
	for _, secret := range []string{database.Password, userinfo, url.QueryEscape(database.Password), harness.DefaultPassword} {
		if strings.Contains(server.Log(), secret) {
			t.Errorf("the log holds the password as %s", secret)
		}
		for line := range server.CommandLines() {
			if strings.Contains(line, secret) {
				t.Errorf("a command line holds the password as %s: %s", secret, line)
			}
		}
	}
}

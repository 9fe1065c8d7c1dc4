package migrations

import (
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

// A dyno can be taken away at any moment; the next one has to be able to go on.
func TestAnUpgradeThatWasKilledIsDoneByTheNextOne(t *testing.T) {
	t.Parallel()
	never := func(harness.Result) bool { return false }
	t.Run("PostgreSQL", func(t *testing.T) {
		upgrade.Interrupt(t, func() (harness.Options, string) {
			uri := upgrade.OldPostgres(t).URL("postgresql+psycopg")
			return harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}}, uri
		}, never)
	})
	t.Run("SQLite", func(t *testing.T) {
		upgrade.Interrupt(t, func() (harness.Options, string) {
			dir, uri := upgrade.OldSQLite(t)
			return harness.Options{Dir: dir, Env: map[string]string{}}, uri
		}, never)
	})
}

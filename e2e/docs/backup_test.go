package docs

import (
	"testing"

	"mlflow-server/e2e/harness"
)

func TestPostgreSQLIsBackedUpAndRestored(t *testing.T) {
	t.Parallel()
	harness.Require(t, "pg_dump")
	dump := lines(paste(t, "backup.md", "# PostgreSQL anywhere"))
	if len(dump) != 3 {
		t.Fatalf("a dump and two lines to restore are %q", dump)
	}
	env := map[string]string{"DATABASE_URL": harness.Postgres(t).URL("postgres")}
	files := t.TempDir()
	server := harness.Start(t, harness.Options{Dir: files, Env: env})
	log(t, server, "before")
	desk := open(t, t.TempDir(), env)
	desk.run(t, dump[0])
	log(t, server, "after")
	server.Stop()
	desk.run(t, dump[1]+"\n"+dump[2])
	holds(t, harness.Start(t, harness.Options{Dir: files, Env: env}), "before")
}

func TestSQLiteIsBackedUpWhileItServes(t *testing.T) {
	t.Parallel()
	harness.Require(t, "sqlite3")
	dir := t.TempDir()
	known := map[string]string{"MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": ""}
	start := func() *harness.Instance {
		server := harness.Start(t, harness.Options{Args: []string{"local"}, Dir: dir, Env: known})
		server.Client = server.As("mlflow", "mlflow")
		return server
	}
	server := start()
	log(t, server, "before")
	desk := open(t, dir, nil)
	desk.run(t, paste(t, "backup.md", "# SQLite"))
	log(t, server, "after")
	server.Stop()
	desk.run(t, paste(t, "backup.md", "# And back"))
	holds(t, start(), "before")
}

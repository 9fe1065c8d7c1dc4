package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// TestTheEnvOfAnotherServerMovesIn follows the first lines of moving-in.md with the variables that DougTrajano/mlflow-server had.
func TestTheEnvOfAnotherServerMovesIn(t *testing.T) {
	t.Parallel()
	harness.Require(t, "pg_dump")
	move := lines(paste(t, "moving-in.md", "pg_dump"))
	if len(move) != 4 || !strings.HasPrefix(move[3], "mlflow-server serve") {
		t.Fatalf("to move in takes %q", move)
	}
	place := t.TempDir()
	here, there := filepath.Join(place, "here"), filepath.Join(place, "the-other-server")
	d := harness.Postgres(t)
	env := ""
	for name, value := range map[string]string{
		"MLFLOW_DB_DIALECT": "postgresql", "MLFLOW_DB_HOST": d.Host, "MLFLOW_DB_PORT": fmt.Sprint(d.Port), "MLFLOW_DB_USERNAME": d.User, "MLFLOW_DB_PASSWORD": d.Password,
		"MLFLOW_DB_DATABASE": d.Name, "MLFLOW_ARTIFACT_URI": "./mlruns", "MLFLOW_TRACKING_USERNAME": "doug,user", "MLFLOW_TRACKING_PASSWORD": "correct horse battery,pass word and more",
	} {
		env += name + "='" + value + "'\n"
	}
	for _, dir := range []string{here, there} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(there, ".env"), []byte(env), 0o600); err != nil {
		t.Fatal(err)
	}
	desk := open(t, here, map[string]string{"DATABASE_URL": d.URL("postgres")})
	desk.run(t, move[0]+"\n"+move[1])
	// What doctor may complain of is this test's own: no TLS to the database, and a database that is still empty.
	printed, _ := open(t, here, nil).try(t, move[2])
	if !strings.Contains(printed, "database from MLFLOW_DB_HOST, artifacts in a directory, 2 users") || strings.Contains(printed, d.Password) {
		t.Errorf("doctor says\n%s", printed)
	}
	server := harness.Start(t, harness.Options{Dir: here, Env: map[string]string{"MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": ""}})
	server.Client = server.As("user", "pass word and more")
	log(t, server, "moved")
	holds(t, server, "moved")
}

// TestADirectoryOfRunsMovesIn: mlflow-easyauth's DATABASE_URL=mlruns. Then somebody pastes compose.md's first run, which has this
// server's login; the other pages have the same with another address (e2e/deploy compares them).
func TestADirectoryOfRunsMovesIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	desk := open(t, dir, map[string]string{"MLFLOW_TRACKING_PASSWORD": "x", "MLFLOW_ALLOW_FILE_STORE": "true"})
	desk.run(t, `MLFLOW_TRACKING_URI=./mlruns python -c 'import mlflow
with mlflow.start_run(run_name="old"): mlflow.log_metric("m", 1)'`)
	if printed, err := open(t, dir, map[string]string{"DATABASE_URL": "mlruns", "MLFLOW_TRACKING_PASSWORD": "x"}).try(t, "mlflow-server serve"); err == nil || !strings.Contains(printed, "mlflow migrate-filestore") {
		t.Errorf("%v\n%s", err, printed)
	}
	desk.run(t, paste(t, "moving-in.md", "mlflow-server run -- mlflow migrate-filestore"))
	server := harness.Start(t, harness.Options{Dir: dir, Env: map[string]string{"MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": ""}})
	server.Client = server.As("mlflow", "mlflow")
	client(t, server, `
import mlflow
[run] = mlflow.search_runs(search_all_experiments=True, output_format="list")
assert run.info.run_name == "old" and run.data.metrics == {"m": 1}, run
`)
	firstRun(t, "compose.md", "http://localhost", server)
}

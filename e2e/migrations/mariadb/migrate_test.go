package mariadb

import (
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

func TestEightProcessesUpgradeAnOldMariaDBOnceAndKeepItsData(t *testing.T) {
	uri := upgrade.OldMariaDB(t).URL("mysql+pymysql")
	before := upgrade.Contents(t, uri, nil)
	upgrade.Together(t, 8, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}})
	upgrade.Same(t, before, upgrade.Contents(t, uri, before))
}

func TestEightProcessesMakeTheSchemaOfAnEmptyMariaDBOnce(t *testing.T) {
	d := harness.MySQL(t)
	upgrade.Together(t, 8, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("mysql+pymysql")}})
	if experiments, err := harness.QueryMySQL(t.Context(), d, "SELECT name FROM `"+d.Name+"`.experiments"); err != nil || experiments != "Default" {
		t.Errorf("experiments: %q, %v", experiments, err)
	}
}

func TestWhoHoldsTheLockForTooLongIsNamed(t *testing.T) {
	d := harness.MySQL(t)
	holdMySQL(t, d)
	upgrade.Refused(t, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("mysql+pymysql")}}, "MySQL's connection ", " ("+d.User+" from ")
}

// An old dyno's transaction holds what it has read.
func TestWhoKeepsATableFromBeingChangedIsNamed(t *testing.T) {
	t.Parallel()
	env := func(uri string) harness.Options {
		return harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": uri, "MLFLOW_DB_MIGRATION_WAIT_SECONDS": "3"}}
	}
	d := upgrade.OldMariaDB(t)
	uri := d.URL("mysql+pymysql")
	before := upgrade.Contents(t, uri, nil)
	release := holdTable(t, d, "registered_models")
	upgrade.InTheWay(t, env(uri), "possibly MySQL's connection ", " ("+d.User+" from ")
	// Its changes of tables cannot be taken back: what was given up must not have left one behind.
	release()
	if r := harness.RunToExit(t, env(uri)); r.Code != 0 || !strings.Contains(r.Stdout, "up to date") {
		t.Fatalf("started again, exit code %d:\n%s", r.Code, r.Stderr)
	}
	upgrade.Same(t, before, upgrade.Contents(t, uri, before))
}

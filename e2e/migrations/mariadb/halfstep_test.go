package mariadb

import (
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

// Who may not lock tables cannot find out before a step whether they are in use. Giving up within the step would leave it half done.
func TestAStepOnMariaDBIsNotGivenUpInItsMiddle(t *testing.T) {
	t.Parallel()
	d := upgrade.OldMariaDB(t)
	before := upgrade.Contents(t, d.URL("mysql+pymysql"), nil)
	owner := d
	owner.User, owner.Password = fmt.Sprintf("owner_%d", os.Getpid()), "not-an-administrator"
	for _, statement := range []string{
		fmt.Sprintf("CREATE USER '%s'@'%%' IDENTIFIED BY '%s'", owner.User, owner.Password),
		fmt.Sprintf("GRANT ALL ON `%s`.* TO '%s'@'%%'", d.Name, owner.User),
		fmt.Sprintf("REVOKE LOCK TABLES ON `%s`.* FROM '%s'@'%%'", d.Name, owner.User),
	} {
		if _, err := harness.QueryMySQL(t.Context(), d, statement); err != nil {
			t.Fatal(err)
		}
	}
	release := holdTable(t, d, "registered_models")
	s := harness.Launch(t, harness.Options{Args: []string{"migrate"},
		Env: map[string]string{"MLFLOW_BACKEND_URI": owner.URL("mysql+pymysql"), "MLFLOW_DB_MIGRATION_WAIT_SECONDS": "1"}})
	// Nor does this user see who it is.
	s.WaitLog(`waiting for it" by="a connection that this user of the database may not see"`)
	time.Sleep(3 * time.Second) // longer than its patience before a step
	release()
	if code := s.WaitExit(3 * time.Minute); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, s.Log())
	}
	upgrade.Same(t, before, upgrade.Contents(t, d.URL("mysql+pymysql"), before))
}

var withinAStep = regexp.MustCompile(`This was within step (\d+) of \d+, to revision (\w+): .* Restore the backup from before the upgrade`)

func TestAHalfDoneStepOnMariaDBIsNamedWithItsRemedy(t *testing.T) {
	t.Parallel()
	d := upgrade.OldMariaDB(t)
	if _, err := harness.QueryMySQL(t.Context(), d, "ALTER TABLE `"+d.Name+"`.inputs ADD COLUMN step BIGINT"); err != nil {
		t.Fatal(err)
	}
	r := harness.RunToExit(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": d.URL("mysql+pymysql")}})
	if told := withinAStep.FindStringSubmatch(r.Stderr); r.Code != 1 || told == nil || told[1] != "7" || told[2] != "6953534de441" {
		t.Errorf("exit code %d:\n%s", r.Code, r.Stderr)
	}
}

package mariadb

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

func TestAnUpgradeThatWasKilledIsDoneByTheNextOneOrSaysWhatToDo(t *testing.T) {
	t.Parallel()
	upgrade.Interrupt(t, func() (harness.Options, string) {
		uri := upgrade.OldMariaDB(t).URL("mysql+pymysql")
		return harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}}, uri
	}, func(r harness.Result) bool {
		// Its changes of tables cannot be taken back; the test below has one that is killed where it can go on.
		if !halfAStep.MatchString(r.Stderr) {
			return false
		}
		if !withinAStep.MatchString(r.Stderr) {
			t.Errorf("it does not tell what to do: %s", r.Stderr)
		}
		return true
	})
}

// halfAStep is what a database says to a step that has partly been made.
var halfAStep = regexp.MustCompile(`cannot bring the database's schema up to date: \w+: .*(Duplicate|already exists|check that \S+ exists|Unknown column|doesn't exist)`)

// An upgrade that is killed within a step cannot go on by itself. One that is killed between two steps has to.
func TestAnUpgradeThatWasKilledBetweenTwoStepsIsContinued(t *testing.T) {
	t.Parallel()
	h := holdBetweenTwoSteps(t, "")
	h.server.Kill()
	h.release()
	r := harness.RunToExit(t, h.options)
	if r.Code != 0 || !strings.Contains(r.Stdout, "up to date") {
		t.Fatalf("exit code %d:\n%s", r.Code, r.Stderr)
	}
	if found := foundRevision.FindStringSubmatch(r.Stderr); found == nil || found[1] == upgrade.OldRevision {
		t.Errorf("it began at %q, not where the first one was", found)
	}
	upgrade.Same(t, h.before, upgrade.Contents(t, h.uri, h.before))
}

var foundRevision = regexp.MustCompile(`msg="upgrading the database's schema" from=(\w+)`)

// MLflow has a connection that does nothing as long as an upgrade takes, and ends it at last.
func TestAnUpgradeWhoseIdleConnectionIsGoneIsDoneAllTheSame(t *testing.T) {
	t.Parallel()
	// No other connection is idle for so long, on a busy machine either.
	h := holdBetweenTwoSteps(t, "?init_command=SET%20SESSION%20wait_timeout%3D15")
	time.Sleep(20 * time.Second) // longer than the server leaves an idle connection
	h.release()
	if code := h.server.WaitExit(3 * time.Minute); code != 0 || !strings.Contains(h.server.Log(), "the upgrade is done; its end was not clean") {
		t.Errorf("exit code %d:\n%s", code, h.server.Log())
	}
	upgrade.Same(t, h.before, upgrade.Contents(t, h.uri, h.before))
}

// held is an upgrade that waits for a table before a step that is not its first.
type held struct {
	uri     string
	before  map[string]upgrade.Table
	options harness.Options
	server  *harness.Instance
	release func()
}

func holdBetweenTwoSteps(t *testing.T, query string) held {
	t.Helper()
	for range 5 {
		d := upgrade.OldMariaDB(t)
		h := held{uri: d.URL("mysql+pymysql")}
		h.before = upgrade.Contents(t, h.uri, nil)
		h.options = harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": h.uri + query, "MLFLOW_LOGGING_LEVEL": "DEBUG"}}
		h.server = harness.Launch(t, h.options)
		h.server.WaitLog("| step 3 of ")
		// No step changes it: the upgrade stands still before one.
		h.release = holdTable(t, d, "latest_metrics")
		for began := time.Now(); !strings.Contains(h.server.Log(), upgrade.Done); time.Sleep(10 * time.Millisecond) {
			if strings.Contains(h.server.Log(), "a table that is to be changed is in use") {
				return h
			}
			if time.Since(began) > 3*time.Minute {
				t.Fatalf("it neither waits nor gets on:\n%s", h.server.Log())
			}
		}
		// Too late. It was not disturbed.
		if code := h.server.WaitExit(3 * time.Minute); code != 0 {
			t.Fatalf("exit code %d:\n%s", code, h.server.Log())
		}
		h.release()
	}
	t.Fatal("no upgrade could be held between two steps")
	return held{}
}

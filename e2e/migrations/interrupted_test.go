package migrations

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// kills is how often each database's upgrade is interrupted, each time at another step.
var kills = harness.Times(2, 20)

// A dyno can be taken away at any moment; the next one has to be able to go on.
func TestAnUpgradeThatWasKilledIsDoneByTheNextOne(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T) (harness.Options, string){
		"PostgreSQL": func(t *testing.T) (harness.Options, string) {
			uri := oldPostgres(t).URL("postgresql+psycopg")
			return harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}}, uri
		},
		"SQLite": func(t *testing.T) (harness.Options, string) {
			dir, uri := oldSQLite(t)
			return harness.Options{Dir: dir, Env: map[string]string{}}, uri
		},
		"MariaDB": func(t *testing.T) (harness.Options, string) {
			uri := oldMariaDB(t).URL("mysql+pymysql")
			return harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}}, uri
		},
	} {
		t.Run(name, func(t *testing.T) {
			for interrupted, tries := 0, 0; interrupted < kills; tries++ {
				if tries > 2*kills {
					t.Fatalf("only %d of %d upgrades could be interrupted", interrupted, tries)
				}
				o, uri := prepare(t)
				o.Args = []string{"migrate"}
				before := contents(t, uri, nil)
				if killInTheMiddle(t, o) {
					interrupted++
				}
				r := harness.RunToExit(t, o)
				if name == "MariaDB" && r.Code != 0 && halfAStep.MatchString(r.Stderr) {
					if !withinAStep.MatchString(r.Stderr) {
						t.Errorf("it does not tell what to do: %s", r.Stderr)
					}
					continue // its changes of tables cannot be taken back; the test below has one that is killed where it can go on
				}
				if r.Code != 0 || !strings.Contains(r.Stdout, "up to date") {
					t.Fatalf("exit code %d:\n%s", r.Code, r.Stderr)
				}
				same(t, before, contents(t, uri, before))
			}
		})
	}
}

// On MariaDB an upgrade that is killed within a step cannot go on by itself. One that is killed between two steps has to.
func TestAnUpgradeOfMariaDBThatWasKilledBetweenTwoStepsIsContinued(t *testing.T) {
	t.Parallel()
	for range 5 {
		d := oldMariaDB(t)
		uri := d.URL("mysql+pymysql")
		before := contents(t, uri, nil)
		o := harness.Options{Args: []string{"migrate"}, Env: map[string]string{"MLFLOW_BACKEND_URI": uri, "MLFLOW_LOGGING_LEVEL": "DEBUG"}}
		s := harness.Launch(t, o)
		s.WaitLog("| step 3 of ")
		// No step changes it: the upgrade stands still before one.
		release := holdTable(t, d, "latest_metrics")
		for began := time.Now(); !strings.Contains(s.Log(), "a table that is to be changed is in use") && !strings.Contains(s.Log(), upToDate); {
			if time.Since(began) > 2*time.Minute {
				t.Fatalf("it neither waits nor gets on:\n%s", s.Log())
			}
			time.Sleep(10 * time.Millisecond)
		}
		s.Kill()
		release()
		if strings.Contains(s.Log(), upToDate) {
			continue // too late
		}
		r := harness.RunToExit(t, o)
		if r.Code != 0 || !strings.Contains(r.Stdout, "up to date") {
			t.Fatalf("exit code %d:\n%s", r.Code, r.Stderr)
		}
		if found := foundRevision.FindStringSubmatch(r.Stderr); found == nil || found[1] == oldRevision {
			t.Errorf("it began at %q, not where the first one was", found)
		}
		same(t, before, contents(t, uri, before))
		return
	}
	t.Fatal("no upgrade could be held between two steps")
}

var foundRevision = regexp.MustCompile(`msg="upgrading the database's schema" from=(\w+)`)

var aStep = regexp.MustCompile(`\| step (\d+) of (\d+): Running upgrade`)

// halfAStep is what a database says to a step that has partly been made.
var halfAStep = regexp.MustCompile(`cannot bring the database's schema up to date: \w+: .*(Duplicate|already exists|check that \S+ exists|Unknown column|doesn't exist)`)

// killInTheMiddle begins an upgrade and kills it at a random step after the first one. It returns false when the kill came
// too late.
func killInTheMiddle(t *testing.T, o harness.Options) bool {
	t.Helper()
	o.Env["MLFLOW_LOGGING_LEVEL"] = "DEBUG" // which has every step told when it begins
	s := harness.Launch(t, o)
	wanted := 0
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		steps := aStep.FindAllStringSubmatch(s.Log(), -1)
		if len(steps) > 0 && wanted == 0 {
			total, _ := strconv.Atoi(steps[0][2])
			wanted = 2 + rand.IntN(total-3)
		}
		if wanted > 0 && len(steps) >= wanted {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("it does not get to step %d: %s", wanted, s.Log())
		}
	}
	s.Kill()
	steps := aStep.FindAllStringSubmatch(s.Log(), -1)
	t.Logf("killed at step %d of %s", len(steps), steps[0][2])
	return !strings.Contains(s.Log(), upToDate)
}

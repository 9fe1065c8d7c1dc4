package upgrade

import (
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"mlflow-server/e2e/harness"
)

// Done is in the log of whoever has changed a schema.
const Done = `msg="the database's schema is up to date"`

// progress is in the log of whoever changes a schema.
var progress = regexp.MustCompile(`msg="upgrading the database's schema" step=(\d+) of=(\d+)`)

// Together runs so many "mlflow-server migrate" at once; all have to succeed and one to do the work.
func Together(t *testing.T, processes int, o harness.Options) {
	t.Helper()
	o.Args = []string{"migrate"}
	results := make([]harness.Result, processes)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = harness.RunToExit(t, o) })
	}
	all.Wait()
	worked := 0
	for _, r := range results {
		if told := progress.FindAllStringSubmatch(r.Stderr, -1); strings.Contains(r.Stderr, Done) &&
			(len(told) < 2 || told[0][1] != "1" || told[len(told)-1][1] != told[0][2]) {
			t.Errorf("the log does not tell the first step and the last: %q\n%s", told, r.Stderr)
		}
		if r.Code != 0 || r.Listened || !strings.Contains(r.Stdout, "up to date") {
			t.Errorf("exit code %d:\n%s", r.Code, r.Stderr)
		}
		worked += strings.Count(r.Stderr, Done)
	}
	if worked != 1 {
		t.Errorf("%d processes changed the schema", worked)
	}
}

// Same checks that a database has lost nothing of what it had.
func Same(t *testing.T, before, after map[string]Table) {
	t.Helper()
	for name, old := range before {
		if now := after[name]; !reflect.DeepEqual(now.Rows, old.Rows) {
			t.Errorf("table %s (%v)\nhad %v\nhas %v", name, old.Columns, old.Rows, now.Rows)
		}
	}
	if len(before["metrics"].Rows) < 60 {
		t.Errorf("the old database has %d metrics", len(before["metrics"].Rows))
	}
}

// Refused checks that an upgrade waits for somebody who holds the lock, and then says who.
func Refused(t *testing.T, o harness.Options, parts ...string) {
	t.Helper()
	o.Args = []string{"migrate"}
	env := map[string]string{"MLFLOW_DB_MIGRATION_WAIT_SECONDS": "3"}
	for name, value := range o.Env {
		env[name] = value
	}
	o.Env = env
	r := harness.RunToExit(t, o)
	if r.Code != 1 {
		t.Errorf("exit code %d", r.Code)
	}
	if n := strings.Count(r.Stderr, "waiting for another process"); n != 1 { // not once for every second that its holder is idle
		t.Errorf("the wait was logged %d times", n)
	}
	for _, part := range append(parts, "the database's schema has been locked for more than 3 s by") {
		if !strings.Contains(r.Stderr, part) {
			t.Errorf("%q is not in:\n%s", part, r.Stderr)
		}
	}
}

// InTheWay checks the same of somebody who has a table in use.
func InTheWay(t *testing.T, o harness.Options, parts ...string) {
	t.Helper()
	r := harness.RunToExit(t, o)
	if r.Code != 1 {
		t.Errorf("exit code %d", r.Code)
	}
	for _, part := range append(parts, "a table that is to be changed is in use, waiting for it", "a table was in use for more than 3 s by ") {
		if !strings.Contains(r.Stderr, part) {
			t.Errorf("%q is not in:\n%s", part, r.Stderr)
		}
	}
}

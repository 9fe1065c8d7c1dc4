package migrations

import (
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// A dyno can be taken away at any moment; the next one has to be able to go on.
func TestAnUpgradeThatWasKilledIsDoneByTheNextOne(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T) (harness.Options, string){
		"PostgreSQL": func(t *testing.T) (harness.Options, string) {
			uri := oldPostgres(t).URL("postgresql+psycopg")
			return harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}}, uri
		},
		"SQLite": func(t *testing.T) (harness.Options, string) {
			dir, uri := oldSQLite(t)
			return harness.Options{Dir: dir}, uri
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, uri := prepare(t)
			before := contents(t, uri, nil)
			o.Args = []string{"migrate"}
			s := harness.Launch(t, o)
			for began := time.Now(); !strings.Contains(s.Log(), "upgrading the database's schema"); time.Sleep(time.Millisecond) {
				if time.Since(began) > time.Minute {
					t.Fatalf("it does not begin: %s", s.Log())
				}
			}
			s.Kill()
			if r := harness.RunToExit(t, o); r.Code != 0 || !strings.Contains(r.Stdout, "up to date") {
				t.Fatalf("exit code %d:\n%s", r.Code, r.Stderr)
			}
			same(t, before, contents(t, uri, before))
		})
	}
}

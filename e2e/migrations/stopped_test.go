package migrations

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

// A platform that stops a dyno leaves it half a minute, which is better spent on the upgrade than lost with it.
func TestAnUpgradeThatIsUnderWayIsFinishedBeforeTheEnd(t *testing.T) {
	database := upgrade.OldPostgres(t)
	held, err := harness.OpenPostgres(t, database).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// The revision can be read, and no upgrade gets past its first step.
	if _, err := held.ExecContext(t.Context(), "LOCK TABLE alembic_version IN SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	o := harness.Options{Env: map[string]string{
		"MLFLOW_BACKEND_URI":   database.URL("postgresql+psycopg"),
		"MLFLOW_DRAIN_SECONDS": "100", // which an upgrade has to finish, also on a busy machine
	}}
	s := harness.Launch(t, o)
	s.WaitLog("upgrading the database's schema\" step=1 of=")
	health := s.Request(t, http.MethodGet, "/health", nil, nil)
	if health.Status != http.StatusServiceUnavailable || health.Header.Get("Retry-After") == "" || !strings.Contains(health.Body, "step 1 of ") {
		t.Errorf("/health is %d %q during an upgrade", health.Status, health.Body)
	}
	s.Signal(syscall.SIGTERM)
	s.WaitLog("stopping when the database's schema is up to date")
	time.Sleep(4 * time.Second) // longer than MLflow gets when nothing is under way
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	if code := s.WaitExit(3 * time.Minute); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if log := s.Log(); strings.Contains(log, "is killed") || !strings.Contains(log, "the database's schema is up to date") {
		t.Error("it was cut off")
	}
	o.Args = []string{"migrate"}
	if r := harness.RunToExit(t, o); r.Code != 0 || strings.Contains(r.Stdout+r.Stderr, "upgrading") {
		t.Errorf("something was left to upgrade: exit code %d:\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// What waits for another holder's lock has nothing to finish, and must not begin when that one leaves: it would be killed.
func TestNoUpgradeBeginsAfterTheStop(t *testing.T) {
	d := upgrade.OldPostgres(t)
	holder, err := harness.OpenPostgres(t, d).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback() }()
	for _, statement := range []string{"SET application_name = 'another release'", lockOfTheSchema} {
		if _, err := holder.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	// An upgrade that began would hang here, and be killed.
	inUse, err := harness.OpenPostgres(t, d).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = inUse.Rollback() }()
	if _, err := inUse.ExecContext(t.Context(), "LOCK TABLE alembic_version IN SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	s := harness.Launch(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{
		"MLFLOW_BACKEND_URI": d.URL("postgresql+psycopg"), "MLFLOW_DRAIN_SECONDS": "20",
	}})
	s.WaitLog("(another release, 127.0.0.1, since ")
	s.Signal(syscall.SIGTERM)
	s.WaitLog("msg=stopping")
	if err := holder.Rollback(); err != nil {
		t.Fatal(err)
	}
	if code := s.WaitExit(3 * time.Minute); code != 1 {
		t.Errorf("exit code %d", code)
	}
	// Killed sooner it may be, on a machine so busy that MLflow does not notice the stop for three seconds.
	if log := s.Log(); strings.Contains(log, `is killed" after=20s`) || strings.Contains(log, "stopping when the database's schema is up to date") || strings.Contains(log, "step=") {
		t.Error("an upgrade began")
	}
	var revision string
	if err := harness.OpenPostgres(t, d).QueryRowContext(t.Context(), "SELECT version_num FROM alembic_version").Scan(&revision); err != nil || revision != upgrade.OldRevision {
		t.Errorf("the schema's revision is %s (%v)", revision, err)
	}
}

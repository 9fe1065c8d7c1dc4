package harness

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

func TestPostgresSurvivesEverySpecialCharacter(t *testing.T) {
	d := Postgres(t)
	var name, user string
	if err := OpenPostgres(t, d).QueryRowContext(t.Context(), "SELECT current_database(), current_user").Scan(&name, &user); err != nil {
		t.Fatal(err)
	}
	if name != d.Name || user != d.User {
		t.Errorf("connected to %q as %q, wanted %q as %q", name, user, d.Name, d.User)
	}
	if other := Postgres(t); other.Name == d.Name || other.Port != d.Port {
		t.Errorf("a second database is %v, wanted another one on the same server", other)
	}
}

func TestMySQLSurvivesEverySpecialCharacter(t *testing.T) {
	d := MySQL(t)
	got, err := QueryMySQL(t.Context(), d, "SELECT SUBSTRING_INDEX(USER(), '@', 2), SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'e2e-%'")
	if err != nil {
		t.Fatal(err)
	}
	if want := d.User + "\t" + d.Name; got != want {
		t.Errorf("got %q, wanted %q", got, want)
	}
}

func TestEnvironmentHoldsNothingOfTheDevelopers(t *testing.T) {
	t.Setenv("MLFLOW_TRACKING_URI", "http://elsewhere.example")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "key")
	for _, entry := range environment(t, t.TempDir()) {
		if strings.HasPrefix(entry, "MLFLOW_") || strings.HasPrefix(entry, "AWS_") {
			t.Errorf("%s has leaked", entry)
		}
	}
}

func TestFamilyFindsAChildThatLeftTheSession(t *testing.T) {
	s, err := serveAs(nil, t.TempDir(), 9, Require(t, "sh"), "-c", "setsid sleep 60 & sleep 60")
	if err != nil {
		t.Fatal(err)
	}
	leader := s.command.Process.Pid
	var members []process
	if err := s.wait(func() error {
		members = family(leader)
		if len(members) < 3 {
			return errTooFew
		}
		return nil
	}); err != nil {
		t.Fatalf("%v: %v", err, members)
	}
	left := false
	for _, p := range members {
		left = left || p.pid != leader && p.session != leader
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
	if !left {
		t.Errorf("nobody in %v has left the session", members)
	}
	for deadline := time.Now().Add(time.Minute); len(alive(members)) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%v still run after SIGKILL", alive(members))
		}
	}
}

var errTooFew = errors.New("the children have not started yet")

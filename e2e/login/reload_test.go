package login_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/users"
)

// TestAHangupReadsTheUsersAgainAndOpensANewAuditLog is what an operator does: change a password in the users file, let logrotate
// rename the audit log, send SIGHUP. The file keeps its size and its times, so that nothing but the signal makes the
// server read it.
func TestAHangupReadsTheUsersAgainAndOpensANewAuditLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, audit := filepath.Join(dir, "users.htpasswd"), filepath.Join(dir, "audit.log")
	writeUser(t, file, "ann", "first")
	server := harness.Start(t, harness.Options{Env: map[string]string{
		"MLFLOW_USERS_FILE": file, "MLFLOW_AUDIT_LOG": audit, "MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": "",
	}})
	before, after := server.As("ann", "first"), server.As("ann", "other")
	session := signIn(t, before)
	if status := withSession(t, server.Client, session); status != http.StatusOK {
		t.Fatalf("the session: %d", status)
	}
	createExperiment(t, before, "one")

	if err := os.Rename(audit, audit+".1"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	writeUser(t, file, "ann", "other")
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	server.Signal(syscall.SIGHUP)
	for deadline := time.Now().Add(2 * time.Minute); withSession(t, server.Client, session) != http.StatusUnauthorized; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the session outlives its password")
		}
	}
	if answer := before.Request(t, http.MethodGet, "/version", nil, nil); answer.Status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", answer.Status)
	}
	if answer := after.Request(t, http.MethodGet, "/version", nil, nil); answer.Status != http.StatusOK {
		t.Errorf("the new password: %d", answer.Status)
	}
	if page := after.Request(t, http.MethodGet, "/-/metrics", nil, nil); !strings.Contains(page.Body, `mlflow_server_logins_refused_total{reason="wrong"} 1`) {
		t.Errorf("the attempt with the old password is not counted:\n%s", page.Body)
	}
	createExperiment(t, after, "two")

	for _, path := range []string{audit + ".1", audit} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines := made(t, string(text)); lines != 1 {
			t.Errorf("%s has %d lines of an experiment that was made:\n%s", filepath.Base(path), lines, text)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", filepath.Base(path), info.Mode(), err)
		}
	}
}

func TestTheAuditLogGoesToStandardOutputWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_AUDIT_LOG": "stdout"}})
	createExperiment(t, server.Client, "one")
	for deadline := time.Now().Add(2 * time.Minute); made(t, server.Stdout()) != 1; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("standard output has:\n%s", server.Stdout())
		}
	}
	if strings.Contains(server.Stdout(), "level=") {
		t.Errorf("the server's own log is between the lines:\n%s", server.Stdout())
	}
}

func writeUser(t *testing.T, path, name, password string) {
	t.Helper()
	hash, err := users.HashPassword(password, users.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(name+":"+hash+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// signIn is the Cookie header of a session that the sign-in page gave.
func signIn(t *testing.T, c harness.Client) string {
	t.Helper()
	form := url.Values{"username": {c.User}, "password": {c.Password}, "next": {"/"}}
	answer := c.Request(t, http.MethodPost, "/-/login", strings.NewReader(form.Encode()), func(r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	cookie, _, _ := strings.Cut(answer.Header.Get("Set-Cookie"), ";")
	if answer.Status != http.StatusSeeOther || cookie == "" {
		t.Fatalf("signing in: %d %v", answer.Status, answer.Header)
	}
	return cookie
}

func withSession(t *testing.T, c harness.Client, cookie string) (status int) {
	t.Helper()
	return c.Request(t, http.MethodGet, "/version", nil, func(r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Set("Cookie", cookie)
	}).Status
}

func createExperiment(t *testing.T, c harness.Client, name string) {
	t.Helper()
	answer := c.Request(t, http.MethodPost, "/api/2.0/mlflow/experiments/create", strings.NewReader(`{"name": "`+name+`"}`),
		func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
	if answer.Status != http.StatusOK {
		t.Fatalf("making the experiment %s: %d %s", name, answer.Status, answer.Body)
	}
}

// made counts the lines of an audit log that tell of an experiment that was made; all others have to be JSON too.
func made(t *testing.T, log string) (lines int) {
	t.Helper()
	for line := range strings.Lines(log) {
		var change struct {
			User, Via, Path string
			Status          int
		}
		if err := json.Unmarshal([]byte(line), &change); err != nil {
			t.Errorf("not JSON: %s", line)
		}
		if change.Path == "/api/2.0/mlflow/experiments/create" && change.Status == http.StatusOK && change.User != "" && change.Via == "password" {
			lines++
		}
	}
	return lines
}

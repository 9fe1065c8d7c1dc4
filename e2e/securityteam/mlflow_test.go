package securityteam_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/users"
)

const (
	annasPassword = "PLANTED-password-of-anna"
	vicsPassword  = "PLANTED-password-of-vic"
	sessionSecret = "PLANTED-session-secret-0123456789"
)

// team is a server with an editor, a viewer and a token, before the real MLflow, whose access log is on.
type team struct {
	*harness.Instance
	token, audit string
}

func startTeam(t *testing.T) team { return startTeamWith(t, nil) }

// startTeamWith is startTeam with more variables.
func startTeamWith(t *testing.T, more map[string]string) team {
	t.Helper()
	token, hash := users.NewToken()
	audit := filepath.Join(t.TempDir(), "audit.log")
	vars := map[string]string{
		"MLFLOW_TRACKING_USERNAME": "anna,vic",
		"MLFLOW_TRACKING_PASSWORD": annasPassword + "," + vicsPassword,
		"MLFLOW_VIEWERS":           "vic",
		"MLFLOW_TOKENS":            "anna:" + hash,
		"MLFLOW_SESSION_SECRET":    sessionSecret,
		"MLFLOW_STAMP_USER":        "true",
		"MLFLOW_AUDIT_LOG":         audit,
		"MLFLOW_ALLOWED_HOSTS":     "127.0.0.1,ml.example",
		"MLFLOW_LOGGING_LEVEL":     "DEBUG",
		"WEB_CONCURRENCY":          "1",
	}
	maps.Copy(vars, more)
	server := harness.Start(t, harness.Options{Env: vars})
	server.User, server.Password = "anna", annasPassword
	return team{server, token, audit}
}

// arrived are MLflow's own log lines that hold a text.
func (s team) arrived(text string) (lines []string) {
	for line := range strings.Lines(s.Log()) {
		if strings.Contains(line, "mlflow | ") && strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}

const editing = `
import os, mlflow
from mlflow import MlflowClient
os.environ.pop("MLFLOW_TRACKING_USERNAME"); os.environ.pop("MLFLOW_TRACKING_PASSWORD")
import sys
os.environ["MLFLOW_TRACKING_TOKEN"] = sys.argv[1]
mlflow.set_experiment("team")
with mlflow.start_run() as run:
    mlflow.log_metric("loss", 1)
    mlflow.log_text("hello", "a.txt")
found = MlflowClient().get_run(run.info.run_id)
assert found.info.user_id == "anna", found.info.user_id
assert found.data.tags["mlflow.user"] == "anna", found.data.tags
print(run.info.run_id)
`

const viewing = `
import sys, mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
run = sys.argv[1]
c = MlflowClient()
assert [e.name for e in c.search_experiments(filter_string="name = 'team'")] == ["team"]
assert len(mlflow.search_traces(experiment_ids=["0"], return_type="list")) == 0
assert [r.info.run_id for r in c.search_runs([c.get_experiment_by_name("team").experiment_id])] == [run]
assert c.get_metric_history(run, "loss")[0].value == 1
assert mlflow.artifacts.load_text(f"runs:/{run}/a.txt") == "hello"
assert c.search_registered_models() == []
for write in (
    lambda: c.log_metric(run, "loss", 2),
    lambda: c.create_experiment("other"),
    lambda: c.log_text(run, "x", "b.txt"),
    lambda: c.delete_run(run),
    lambda: c.create_registered_model("m"),
    lambda: c.set_tag(run, "k", "v"),
):
    try:
        write()
    except Exception as e:
        assert "may read on this server, not write" in str(e) or "403" in str(e), e
        print("refused:", e)
    else:
        raise SystemExit("a viewer has written")
`

func TestATeam(t *testing.T) {
	server := startTeam(t)
	out, err := harness.PythonSource(t, server.Client, editing, server.token)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Fields(out)
	run := lines[len(lines)-1]

	t.Run("a token creates a run whose author is its owner", func(t *testing.T) {
		if len(run) != 32 {
			t.Errorf("%q", run)
		}
	})
	t.Run("a viewer reads and cannot write", func(t *testing.T) {
		out, err := harness.PythonSource(t, server.As("vic", vicsPassword), viewing, run)
		if err != nil || strings.Count(out, "refused:") != 6 {
			t.Errorf("%v\n%s", err, out)
		}
		if !strings.Contains(out, "PERMISSION_DENIED") || !strings.Contains(out, "may read on this server") {
			t.Errorf("the client does not show why:\n%s", out)
		}
	})
	t.Run("changes are on record", func(t *testing.T) {
		text, err := os.ReadFile(server.audit)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for line := range strings.Lines(string(text)) {
			var c struct {
				User, Via, Class, Path string
				Run                    string `json:"run_id"`
				Status                 int
			}
			if err := json.Unmarshal([]byte(line), &c); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if c.Run == run && c.Status == 200 && strings.HasPrefix(c.Via, "token ") {
				seen[c.User+" "+c.Class] = true
			}
			if c.User == "vic" && c.Status == 403 {
				seen["vic was refused"] = true
			}
		}
		for _, want := range []string{"anna runs", "anna mlflow-artifacts", "vic was refused"} {
			if !seen[want] {
				t.Errorf("%q is not on record:\n%s", want, text)
			}
		}
	})
	t.Run("a session from the sign-in page works until the browser signs out", func(t *testing.T) { server.sessions(t) })
	for _, c := range holes {
		t.Run(c.name, func(t *testing.T) { server.closed(t, c) })
	}
	t.Run("nothing outside the artifacts is read or deleted", func(t *testing.T) { server.climbs(t) })
	t.Run("secrets are nowhere", func(t *testing.T) {
		sum, _, _ := strings.Cut(strings.TrimPrefix(server.token, "mlf_"), "_")
		secret := server.token[len("mlf_")+len(sum)+1:]
		places := map[string]string{"the log": server.Log()}
		for line := range server.CommandLines() {
			places["a command line"] += line + "\n"
		}
		if text, err := os.ReadFile(server.audit); err == nil {
			places["the audit log"] = string(text)
		}
		for place, text := range places {
			if strings.Contains(text, "PLANTED") || strings.Contains(text, secret) {
				t.Errorf("a secret is in %s", place)
			}
		}
		for _, pid := range server.children(t) {
			environ, err := os.ReadFile(filepath.Join("/proc", pid, "environ"))
			if err == nil && (strings.Contains(string(environ), "PLANTED") || strings.Contains(string(environ), secret)) {
				t.Errorf("the environment of MLflow's process %s holds a secret of the gate", pid)
			}
		}
	})
}

// children are the numbers of MLflow's processes.
func (s team) children(t *testing.T) (pids []string) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		environ, err := os.ReadFile(filepath.Join(filepath.Dir(path), "environ"))
		if err == nil && strings.Contains(string(environ), "_MLFLOW_SERVER_ARTIFACT_DESTINATION="+s.Dir) {
			pids = append(pids, filepath.Base(filepath.Dir(path)))
		}
	}
	if len(pids) == 0 {
		t.Error("no process of MLflow was found")
	}
	return pids
}

func (s team) sessions(t *testing.T) {
	form := url.Values{"username": {"anna"}, "password": {annasPassword}, "next": {"/version"}}
	in := s.Request(t, http.MethodPost, "/-/login", strings.NewReader(form.Encode()), func(r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	cookie, _, _ := strings.Cut(in.Header.Get("Set-Cookie"), ";")
	if in.Status != http.StatusSeeOther || in.Header.Get("Location") != "/version" || !strings.HasPrefix(cookie, "mlflow-session=") {
		t.Fatalf("%d %v", in.Status, in.Header)
	}
	with := func(r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Set("Cookie", cookie)
	}
	if me := s.Request(t, http.MethodGet, "/ajax-api/2.0/mlflow/users/current", nil, with); me.Status != 200 || !strings.Contains(me.Body, `"anna"`) {
		t.Errorf("%d %s", me.Status, me.Body)
	}
	if answer := s.Request(t, http.MethodGet, "/version", nil, with); answer.Status != 200 {
		t.Errorf("%d", answer.Status)
	}
	if out := s.Request(t, http.MethodPost, "/-/logout", nil, with); out.Status != 303 || !strings.Contains(out.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%d %v", out.Status, out.Header)
	}
}

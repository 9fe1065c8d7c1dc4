package gate

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryChangeIsOnRecord(t *testing.T) {
	out := &logBuffer{}
	r := start(t, func(o *Options) { o.Audit = NewAudit(out) })
	r.mlflow.answer = func(req *http.Request) (*http.Response, error) {
		if req.Body != nil {
			_, _ = io.Copy(io.Discard, req.Body)
		}
		return response(201, ""), nil
	}
	for _, c := range []struct {
		method, path, body, user string
		want                     change
	}{
		{"POST", "/api/2.0/mlflow/runs/log-metric?token=SECRET", `{"run_id": "abc", "key": "SECRET"}`, signedIn,
			change{User: "ann", Method: "POST", Class: "runs", Path: "/api/2.0/mlflow/runs/log-metric", Run: "abc", Status: 201}},
		{"POST", "/ajax-api/2.0/mlflow/runs/create", `{"experiment_id":"7"}`, signedIn,
			change{User: "ann", Method: "POST", Class: "runs", Path: "/ajax-api/2.0/mlflow/runs/create", Experiment: "7", Status: 201}},
		{"DELETE", "/api/2.0/mlflow-artifacts/artifacts/3/r1/artifacts/model/a", "", signedIn,
			change{User: "ann", Method: "DELETE", Class: "mlflow-artifacts", Path: "/api/2.0/mlflow-artifacts/artifacts/3/r1/artifacts/model/a", Run: "r1", Experiment: "3", Status: 201}},
		{"POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=u1&path=x", "", signedIn,
			change{User: "ann", Method: "POST", Class: "artifacts", Path: "/ajax-api/2.0/mlflow/upload-artifact", Run: "u1", Status: 201}},
		{"POST", "/api/2.0/mlflow/runs/delete", `{"run_id":"abc"}`, basic("vic", vicsPassword),
			change{User: "vic", Method: "POST", Class: "runs", Path: "/api/2.0/mlflow/runs/delete", Status: 403}},
		{"POST", "/api/2.0/mlflow/webhooks", ``, signedIn, change{User: "ann", Method: "POST", Class: "webhooks", Path: "/api/2.0/mlflow/webhooks", Status: 403}},
	} {
		before := len(out.String())
		req, err := http.NewRequestWithContext(t.Context(), c.method, r.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		name, value, _ := strings.Cut(c.user, ": ")
		req.Header.Set(name, value)
		req.Header.Set("X-Request-Id", "id-1")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		var got change
		// The line is written when the handler ends, which may be after the answer.
		await(t, func() bool { return json.Unmarshal([]byte(out.String()[before:]), &got) == nil })
		c.want.Time, c.want.Via, c.want.Address, c.want.Request = got.Time, "password", "127.0.0.1", "id-1"
		if got != c.want || got.Time == "" {
			t.Errorf("%s %s:\n got %+v\nwant %+v", c.method, c.path, got, c.want)
		}
	}
	lines := strings.Count(out.String(), "\n")
	r.send(t, "GET", "/version", signedIn)
	r.send(t, "POST", "/api/2.0/mlflow/runs/search", signedIn)
	r.send(t, "POST", "/api/2.0/mlflow/runs/create")
	r.Close()
	if now := strings.Count(out.String(), "\n"); now != lines || strings.Contains(out.String(), "SECRET") {
		t.Errorf("%d lines, then %d:\n%s", lines, now, out)
	}
}

func TestAnAuditFileFollowsItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	a, err := OpenAudit(path)
	if err != nil {
		t.Fatal(err)
	}
	a.write(change{User: "one"})
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	a.write(change{User: "two"})
	if err := a.Reopen(); err != nil {
		t.Fatal(err)
	}
	a.write(change{User: "three"})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	old, err1 := os.ReadFile(path + ".1")
	now, err2 := os.ReadFile(path)
	if err1 != nil || err2 != nil || bytes.Count(old, []byte("\n")) != 2 || bytes.Count(now, []byte("\n")) != 1 {
		t.Errorf("%q %q", old, now)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v", info.Mode())
	}
	if _, err := OpenAudit(filepath.Join(path, "x")); err == nil {
		t.Error("opened below a file")
	}
	var none *Audit
	if none.Reopen() != nil || none.Close() != nil {
		t.Error("no audit log is an error")
	}
}

package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
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
			change{User: "ann", Method: "POST", Class: "runs", Path: "/api/2.0/mlflow/runs/log-metric", Run: "abc", Status: 201, Bytes: 34}},
		{"POST", "/ajax-api/2.0/mlflow/runs/create", `{"experiment_id":"7"}`, signedIn,
			change{User: "ann", Method: "POST", Class: "runs", Path: "/ajax-api/2.0/mlflow/runs/create", Experiment: "7", Status: 201, Bytes: 21}},
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
		c.want.Time, c.want.Via, c.want.Address, c.want.Request, c.want.Millis = got.Time, "password", "127.0.0.1", "id-1", got.Millis
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

// records are the lines of an audit log.
func records(t *testing.T, out *logBuffer) (all []change) {
	t.Helper()
	for line := range strings.Lines(out.String()) {
		var c change
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, c)
	}
	return all
}

func TestWhatIsRefusedBeforeMLflowIsOnRecordToo(t *testing.T) {
	t.Parallel()
	out := &logBuffer{}
	r := start(t, func(o *Options) { o.Audit, o.MaxRequests, o.MaxRequestsPerUser = NewAudit(out), 2, 1 })
	release := make(chan struct{})
	r.mlflow.answer = func(*http.Request) (*http.Response, error) {
		<-release
		return response(200, ""), nil
	}
	var group sync.WaitGroup
	defer group.Wait()
	open := sync.OnceFunc(func() { close(release) })
	defer open()
	vic := basic("vic", vicsPassword)
	hold := func(login string) {
		n := len(r.mlflow.reached())
		group.Go(func() { r.send(t, "GET", "/version", login) })
		await(t, func() bool { return len(r.mlflow.reached()) > n })
	}
	const write = "/api/2.0/mlflow/runs/create"
	hold(signedIn)
	r.send(t, "POST", write, signedIn)
	hold(vic)
	r.send(t, "POST", write, vic)
	r.send(t, "POST", "/api/2.0/mlflow/runs/search", vic) // refused too, but it reads
	open()
	group.Wait()
	r.send(t, "POST", write, signedIn, "Origin: https://evil.example")
	r.send(t, "POST", write)
	r.signInForm(t, "ann", "SECRET wrong one", "/")
	session := r.signInForm(t, "ann", annsPassword, "/").Cookies()[0]
	cookie := "Cookie: " + session.Name + "=" + session.Value
	r.send(t, "GET", "/-/logout", cookie)
	r.send(t, "GET", "/-/login", cookie)
	r.send(t, "POST", "/-/logout", cookie)
	r.Close()
	var got []string
	for _, c := range records(t, out) {
		got = append(got, fmt.Sprintf("%s %s %s by %q via %q: %d", c.Class, c.Method, c.Path, c.User, c.Via, c.Status))
	}
	want := []string{
		`runs POST /api/2.0/mlflow/runs/create by "ann" via "password": 429`,
		`runs POST /api/2.0/mlflow/runs/create by "vic" via "password": 503`,
		`runs POST /api/2.0/mlflow/runs/create by "" via "": 403`,
		`own POST /-/login by "ann" via "password": 303`,
		`own POST /-/logout by "ann" via "session": 303`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the records are\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if strings.Contains(out.String(), "SECRET") || strings.Contains(out.String(), "pässword") {
		t.Errorf("a password is on record:\n%s", out)
	}
}

func TestAnUploadsSizeAndTimeAreOnRecord(t *testing.T) {
	t.Parallel()
	out := &logBuffer{}
	r := start(t, func(o *Options) { o.Audit = NewAudit(out) })
	r.mlflow.answer = func(req *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, req.Body)
		time.Sleep(50 * time.Millisecond)
		return response(200, ""), nil
	}
	const size = 3<<20 + 7
	req, err := http.NewRequestWithContext(t.Context(), "PUT", r.URL+"/api/2.0/mlflow-artifacts/artifacts/3/r1/artifacts/a", strings.NewReader(strings.Repeat("x", size)))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ann", annsPassword)
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	r.Close()
	if got := records(t, out); len(got) != 1 || got[0].Bytes != size || got[0].Millis < 50 || got[0].Run != "r1" {
		t.Errorf("%+v", got)
	}
}

func TestAnAuditLogThatCannotBeWrittenIsSaidOnce(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	audit, err := OpenAudit(path)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, func(o *Options) { o.Audit = audit })
	for range 3 {
		if resp := r.send(t, "POST", "/api/2.0/mlflow/runs/create", signedIn); resp.StatusCode != 200 {
			t.Errorf("%d", resp.StatusCode)
		}
	}
	await(t, func() bool { return strings.Count(r.log.String(), "path=/api/2.0/mlflow/runs/create") == 3 })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := audit.Reopen(); err != nil {
		t.Fatal(err)
	}
	r.send(t, "POST", "/api/2.0/mlflow/runs/create", signedIn)
	r.Close()
	log := r.log.String()
	if n := strings.Count(log, "level=ERROR"); n != 1 || !strings.Contains(log, "no space left on device") {
		t.Errorf("it is said %d times:\n%s", n, log)
	}
	if !strings.Contains(log, `msg="the audit log can be written again"`) || !strings.Contains(log, "lost=3") {
		t.Errorf("the gap is not told:\n%s", log)
	}
	if text, err := os.ReadFile(path); err != nil || bytes.Count(text, []byte("\n")) != 1 {
		t.Errorf("%q %v", text, err)
	}
}

func TestALineThatWasTornStandsAlone(t *testing.T) {
	t.Parallel()
	half := &halfWriter{}
	a := NewAudit(half)
	quiet := slog.New(slog.DiscardHandler)
	a.write(change{User: "one"}, quiet)
	half.whole = true
	a.write(change{User: "two"}, quiet)
	lines := strings.Split(strings.TrimSpace(half.b.String()), "\n")
	var last change
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.User != "two" || len(lines) != 2 {
		t.Errorf("%q %v", lines, err)
	}
}

// halfWriter is a disk that gets full in the middle of a line.
type halfWriter struct {
	b     bytes.Buffer
	whole bool
}

func (h *halfWriter) Write(p []byte) (int, error) {
	if h.whole {
		return h.b.Write(p)
	}
	n, _ := h.b.Write(p[:len(p)/2])
	return n, io.ErrShortWrite
}

func TestAnAuditFileFollowsItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	a, err := OpenAudit(path)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	a.write(change{User: "one"}, quiet)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	a.write(change{User: "two"}, quiet)
	if err := a.Reopen(); err != nil {
		t.Fatal(err)
	}
	a.write(change{User: "three"}, quiet)
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

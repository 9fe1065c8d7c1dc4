package status

import (
	"context"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/gate"
	"mlflow-server/internal/gate/gatetest"
	"mlflow-server/internal/metrics"
	"mlflow-server/internal/tracking"
)

type ready struct{}

func (ready) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("not asked") }
func (ready) Ready() bool                                     { return true }
func (ready) Phase() (bool, string)                           { return true, "" }

// look asks a gate with the page for it, as a user with a difficult name.
func look(t *testing.T, child tracking.Status, minutes []metrics.Minute) (*http.Response, string) {
	t.Helper()
	return lookWithin(t, 512<<20, child, minutes)
}

// lookWithin is look under a limit of memory, in bytes.
func lookWithin(t *testing.T, limit int64, child tracking.Status, minutes []metrics.Minute) (*http.Response, string) {
	t.Helper()
	seen := &gate.Seen{}
	view := View{
		Page: &Page{
			Version: "1.2.3", MLflow: func() string { return "3.17.2" }, Started: time.Now().Add(-26 * time.Hour),
			MemoryLimit: limit, WorkerMemory: func() int64 { return 300 << 20 }, Child: func() tracking.Status { return child },
			Database: func(context.Context) error { return nil }, Artifacts: func(context.Context) error { return errors.New("the bucket <b> is gone") },
		},
		LastHour: func() []metrics.Minute { return minutes }, Visits: seen.Since, Viewer: func(name string) bool { return name == "vic" },
	}
	server := httptest.NewServer(gate.New(gate.Options{
		Users: gatetest.Everybody{}, Upstream: ready{}, SessionKey: make([]byte, 32), SessionTime: time.Hour, Seen: seen,
		Pages: []gate.Page{{Method: "GET", Path: "/-/", Handler: view}}, Log: slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(server.Close)
	ask := func(name string) (*http.Response, string) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/-/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(name, "x")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, string(body)
	}
	ask("vic")
	return ask(`ann's "<script>`)
}

func hour(change map[int]metrics.Minute) []metrics.Minute {
	minutes := make([]metrics.Minute, metrics.Hour)
	for i := range minutes {
		minutes[i] = change[i]
		minutes[i].Start = time.Unix(1_800_000_000+int64(i)*60, 0)
	}
	return minutes
}

func TestThePageShowsWhatTheReportSaysToWhomeverItIs(t *testing.T) {
	t.Parallel()
	answer, body := look(t, tracking.Status{
		Phase: tracking.PhaseReady, Ready: true, Detail: "MLflow is ready", Since: time.Now().Add(-2 * time.Hour), Restarts: 3, Schema: "abc123",
		Workers: []tracking.WorkerStatus{{Index: 0, PID: 1 << 30, Ready: true, InFlight: 2}},
	}, hour(map[int]metrics.Minute{5: {Requests: 1200, Refused: 3, Failed: 1, Slow: 0.25}, 59: {Requests: 34, Slow: 0.01}}))
	if answer.StatusCode != 200 || answer.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	plain := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " "))
	plain = strings.Join(strings.Fields(plain), " ")
	for _, want := range []string{
		"Ready for 2 h 0 min", "Running for 1 d 2 h", "MLflow 3.17.2", "mlflow-server 1.2.3", "Restarts of MLflow 3", "Schema abc123",
		"Database reachable", "Artifacts not reachable the bucket <b> is gone", "of 512 MB; a worker may take 300 MB",
		"Requests 1,234 in the last hour", "Errors 1 failed, and 3 refused", "Answer time 250 ms",
		`ann's "<script> · editor`, "vic read password now",
		`export MLFLOW_TRACKING_USERNAME='ann'\''s "<script>'`, `os.environ["MLFLOW_TRACKING_USERNAME"] = "ann's \"<script>"`,
		"export MLFLOW_TRACKING_URI='http://127.0.0.1:",
	} {
		if !strings.Contains(plain, want) {
			t.Errorf("%q is not on the page:\n%s", want, plain)
		}
	}
	if strings.Count(body, "<script>") != 1 || strings.Contains(body, "Sign out") {
		t.Error("a name has become a part of the page, or who has no session can sign out")
	}
}

func TestThePageSaysWhatAWorkerMayTakeWhereNothingLimitsMemory(t *testing.T) {
	t.Parallel()
	_, body := lookWithin(t, 0, tracking.Status{Phase: tracking.PhaseReady, Ready: true}, hour(nil))
	if want := "no limit is set on this machine; a worker may take 300 MB"; !strings.Contains(strings.ReplaceAll(body, "\u00a0", " "), want) {
		t.Errorf("%q is not in:\n%s", want, body)
	}
}

func TestTheScriptOfThePageIsTheOneItsPolicyNames(t *testing.T) {
	t.Parallel()
	answer, body := look(t, tracking.Status{Phase: tracking.PhaseReady, Ready: true}, hour(nil))
	script := regexp.MustCompile(`(?s)<script>(.*)</script>`).FindStringSubmatch(body)
	if script == nil || script[1] != viewScript || answer.Header.Get("Content-Security-Policy") != viewPolicy {
		t.Errorf("the policy is %q", answer.Header.Get("Content-Security-Policy"))
	}
	if !strings.Contains(body, `<link rel="icon" href="data:image/svg+xml,`) || !strings.Contains(viewPolicy, "img-src data:;") {
		t.Error("the page has no icon of its own; a browser would ask for /favicon.ico")
	}
}

func TestThePageIsThereWhileMLflowIsNot(t *testing.T) {
	t.Parallel()
	_, body := look(t, tracking.Status{Phase: tracking.PhaseMigrating, Detail: "the database is being prepared"}, hour(nil))
	for _, want := range []string{"There are none yet: the database is being prepared.", `<span class="note">not asked</span>`} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}

func TestThePageTellsSilenceFromAFailure(t *testing.T) {
	t.Parallel()
	no := false
	for want, reach := range map[string]*Reach{
		">no answer</span><br><small>within 10 s": {Problem: "within 10 s"},
		">not reachable</span><br><small>refused": {Reachable: &no, Problem: "refused"},
	} {
		var b strings.Builder
		if err := viewTemplate.ExecuteTemplate(&b, "reach", reach); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s %v", b.String(), err)
		}
	}
}

func TestAChartIsAPictureWithABarForEachMinute(t *testing.T) {
	t.Parallel()
	picture := string(charts(hour(map[int]metrics.Minute{10: {Requests: 100, Failed: 1, Refused: 3}, 20: {Requests: 50}}))[1].Picture)
	if err := xml.Unmarshal([]byte(picture), new(struct{})); err != nil {
		t.Fatalf("%v\n%s", err, picture)
	}
	if n := strings.Count(picture, "<g>"); n != metrics.Hour {
		t.Errorf("%d bars", n)
	}
	// The failed stand at the bottom, the refused on them: 82 units are 4 errors.
	for _, want := range []string{
		`<rect class="failed" x="61" y="63.5" width="4" height="20.5"/><rect class="refused" x="61" y="2.0" width="4" height="61.5"/>`,
		"1 failed, 3 refused",
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("%s is not in\n%s", want, picture)
		}
	}
}

func TestWordsForPeople(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		number(999): "999", number(1234567): "1,234,567", span(59): "59 s", span(61): "1 min", span(3 * 3600): "3 h 0 min", span(90000): "1 d 1 h",
		megabytes(0): "unknown", megabytes(1500 << 20): "1,500 MB", milliseconds(0.025): "25 ms", milliseconds(2.5): "2.5 s",
	} {
		if got != want {
			t.Errorf("%q instead of %q", got, want)
		}
	}
}

package gate

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

const asBrowser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"

func TestABrowserSeesHowFarAStartIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		progress Progress
		classes  map[string]string
		percent  int
	}{
		{"nothing to install, the database is asked", Progress{Stage: StageDatabase, Doing: "waiting for the database (for at most 41 more seconds)"},
			map[string]string{StageDatabase: "now", StageLoad: "", StageSchema: "", StageOpen: ""}, 3},
		{"half of a migration", Progress{Stage: StageSchema, Doing: "the database is being prepared (step 30 of 60)", Step: 30, Steps: 60},
			map[string]string{StageDatabase: "done", StageLoad: "done", StageSchema: "now", StageOpen: ""}, 67},
		{"MLflow is being loaded", Progress{Stage: StageLoad, Doing: "MLflow is loading"},
			map[string]string{StageDatabase: "done", StageLoad: "now", StageSchema: "", StageOpen: ""}, 22},
		{"the last stage", Progress{Stage: StageOpen, Doing: "MLflow is opening its store"},
			map[string]string{StageDatabase: "done", StageLoad: "done", StageSchema: "done", StageOpen: "now"}, 89},
		{"an installation", Progress{Stage: StageInstall, Doing: "MLflow is being installed", Installs: true},
			map[string]string{StageInstall: "now", StageDatabase: "", StageLoad: "", StageSchema: "", StageOpen: ""}, 11},
		{"after an installation", Progress{Stage: StageDatabase, Doing: "waiting for the database", Installs: true},
			map[string]string{StageInstall: "done", StageDatabase: "now", StageLoad: "", StageSchema: "", StageOpen: ""}, 35},
		{"an installation that is half done", Progress{Stage: StageInstall, Doing: "MLflow is being installed (compiling bytecode)", Step: 3, Steps: 6, Installs: true},
			map[string]string{StageInstall: "now", StageDatabase: "", StageLoad: "", StageSchema: "", StageOpen: ""}, 17},
		{"an installation where there is none", Progress{Stage: StageInstall, Doing: "the server is starting"},
			map[string]string{StageDatabase: "", StageLoad: "", StageSchema: "", StageOpen: ""}, 0},
		{"a restart", Progress{Stage: "restarting", Doing: "MLflow is being restarted"},
			map[string]string{StageDatabase: "", StageLoad: "", StageSchema: "", StageOpen: ""}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, func(o *Options) { o.Progress = func() Progress { return c.progress } })
			r.mlflow.doing = c.progress.Doing
			page := r.send(t, "GET", "/", asBrowser)
			body := text(t, page)
			if page.StatusCode != 503 || page.Header.Get("Retry-After") == "" || page.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("status %d, %v", page.StatusCode, page.Header)
			}
			if !strings.Contains(html.UnescapeString(body), c.progress.Doing) || !strings.Contains(body, fmt.Sprintf("width: %d%%", c.percent)) {
				t.Errorf("the page does not say %q and %d %%:\n%s", c.progress.Doing, c.percent, body)
			}
			got := map[string]string{}
			for _, line := range regexp.MustCompile(`<li data-stage="(\w+)"(?: class="(\w+)")?>`).FindAllStringSubmatch(body, -1) {
				got[line[1]] = line[2]
			}
			if fmt.Sprint(got) != fmt.Sprint(c.classes) {
				t.Errorf("its stages are %v", got)
			}
			if len(r.mlflow.reached()) > 0 {
				t.Error("MLflow was asked")
			}
		})
	}
}

// fileRoom has one file of the user interface, and its first page.
type fileRoom struct{}

func (fileRoom) Serves(r *http.Request) bool {
	return r.Method != "POST" && (r.URL.Path == "/" || r.URL.Path == "/static-files/main.js")
}

func (fileRoom) ServeHTTP(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a file") }

func TestFilesOfTheUserInterfaceAreThereWhileMLflowIsNot(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Rooms = []Room{fileRoom{}} })
	r.mlflow.doing = "MLflow is being restarted"
	for _, c := range []struct {
		method, path string
		login        string
		status       int
	}{
		{"GET", "/static-files/main.js", signedIn, 200},
		{"HEAD", "/static-files/main.js", signedIn, 200},
		{"GET", "/static-files/main.js", basic("ann", "wrong"), 401},
		{"GET", "/static-files/other.js", signedIn, 503},
		{"POST", "/static-files/main.js", signedIn, 503},
		{"GET", "/", signedIn, 503},
		{"GET", "/version", signedIn, 503},
	} {
		answer := r.send(t, c.method, c.path, c.login)
		if answer.StatusCode != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, answer.StatusCode, c.status)
		}
	}
	if len(r.mlflow.reached()) > 0 {
		t.Error("MLflow was asked")
	}
}

func TestTheWaitingPagesScriptIsTheOneItsPolicyNames(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.mlflow.doing = "MLflow is loading"
	page := r.send(t, "GET", "/", asBrowser)
	script := regexp.MustCompile(`(?s)<script>(.*)</script>`).FindStringSubmatch(text(t, page))
	if script == nil || !strings.Contains(page.Header.Get("Content-Security-Policy"), hashSource(script[1])) {
		t.Errorf("the policy is %q", page.Header.Get("Content-Security-Policy"))
	}
}

func TestProgressIsToldToAnybodyAndSaysWhenTheServerIsReady(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) {
		o.Progress = func() Progress { return Progress{Stage: StageLoad, Doing: "MLflow is loading"} }
	})
	for _, doing := range []string{"MLflow is loading", ""} {
		r.mlflow.doing = doing
		answer := r.send(t, "GET", "/-/progress")
		var p struct {
			Ready        bool
			Stage, Doing string
			Percent      int
		}
		if err := json.Unmarshal([]byte(text(t, answer)), &p); err != nil || answer.StatusCode != 200 {
			t.Fatal(answer.StatusCode, err)
		}
		if p.Ready != (doing == "") || p.Stage != StageLoad || p.Percent != 22 {
			t.Errorf("while %q it says %+v", doing, p)
		}
	}
	for _, path := range []string{"/-/progress/", "/-/progress/x", "/-/Progress", "/-/%70rogress"} {
		if answer := r.send(t, "GET", path); answer.StatusCode != 401 {
			t.Errorf("GET %s: %d", path, answer.StatusCode)
		}
	}
	if answer := r.send(t, "POST", "/-/progress"); answer.StatusCode != 401 {
		t.Errorf("POST: %d", answer.StatusCode)
	}
}

func TestWhoIsNoBrowserWaitsForMLflowsOwnError(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.mlflow.doing = "MLflow is loading"
	for _, headers := range [][]string{{"Accept: */*"}, {"Accept: application/json"}, {}} {
		answer := r.send(t, "GET", "/api/2.0/mlflow/experiments/search", headers...)
		var e struct {
			Code    string `json:"error_code"`
			Message string
		}
		if err := json.Unmarshal([]byte(text(t, answer)), &e); err != nil || e.Code != "TEMPORARILY_UNAVAILABLE" ||
			!strings.Contains(e.Message, "MLflow is loading") || answer.Header.Get("Retry-After") == "" {
			t.Errorf("%v: %d %+v %v", headers, answer.StatusCode, e, err)
		}
	}
	form := r.send(t, "POST", "/signup", asBrowser)
	if body := text(t, form); form.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "<script") {
		t.Errorf("a form is answered with %d and a page that would send nothing again:\n%s", form.StatusCode, body)
	}
}

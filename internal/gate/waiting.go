package gate

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"math"
	"net/http"
	"slices"
	"strings"
)

// retryAfter is in seconds. MLflow's client honours it; a boot takes three to ten of them on a warm machine.
const retryAfter = "2"

// Progress is how far a server is that does not take requests yet. Anybody may read it.
type Progress struct {
	// Stage is one of the Stage constants, or another word while none of them is under way.
	Stage string
	// Doing says it in a few words, for people.
	Doing string
	// Step of Steps are done in this stage; 0 of 0 where nobody knows.
	Step, Steps int
	// Installs says that this server has an installation before the other stages.
	Installs bool
}

// The stages of a start, in their order.
const (
	StageInstall  = "install"
	StageDatabase = "database"
	StageLoad     = "load"
	StageSchema   = "schema"
	StageOpen     = "open"
)

// stage is a line of the waiting page. Its weight is how much of the bar it takes.
type stage struct {
	name, text string
	weight     float64
}

// stages are what the waiting page shows.
var stages = []stage{
	{StageInstall, "Installing MLflow", 6},
	{StageDatabase, "Reaching the database", 1},
	{StageLoad, "Loading MLflow", 5},
	{StageSchema, "Preparing the tables", 4},
	{StageOpen, "Opening MLflow", 2},
}

// index is the stage's place in their order, -1 for none that this server has.
func (p Progress) index() int {
	if p.Stage == StageInstall && !p.Installs {
		return -1
	}
	return slices.IndexFunc(stages, func(s stage) bool { return s.name == p.Stage })
}

// percent is how far the bar is, of the stages that there are. A stage of unknown length counts a third when it begins.
func (p Progress) percent() int {
	done, all, passed := 0.0, 0.0, false
	at := p.index()
	for i, s := range stages {
		if s.name == StageInstall && !p.Installs {
			continue
		}
		all += s.weight
		switch {
		case at < 0 || passed:
		case i < at:
			done += s.weight
		default:
			passed = true
			part := 1.0 / 3
			if p.Steps > 0 {
				part = float64(min(p.Step, p.Steps)) / float64(p.Steps)
			}
			done += s.weight * part
		}
	}
	return int(math.Round(100 * done / all))
}

// answerWhileWaiting answers 503 until MLflow takes requests: a page that turns into what was asked for by itself for a
// browser, MLflow's own JSON error for a client, which then tries again. It comes before the login, so it says nothing
// that an outsider may not know. The server's own pages are there all the time: they tell its users what it waits for. So
// are the files of MLflow's user interface that the gate has itself, for pages that were open when MLflow ended.
func (g *gate) answerWhileWaiting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.Upstream.Ready() || strings.HasPrefix(r.URL.Path, ownPrefix) || g.hasFile(r) {
			next.ServeHTTP(w, r)
			return
		}
		ready, doing := g.Upstream.Phase()
		switch {
		case ready: // since a moment ago
			next.ServeHTTP(w, r)
		case wantsPage(r) && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			g.showWaiting(w, r)
		default:
			refuse(w, r, waiting(doing))
		}
	})
}

// staticPrefix begins the paths of MLflow's user interface, but for its first page.
const staticPrefix = "/static-files/"

// hasFile says whether a room has a file of MLflow's user interface.
func (g *gate) hasFile(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, staticPrefix) && (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		slices.ContainsFunc(g.Rooms, func(room Room) bool { return room.Serves(r) })
}

func waiting(doing string) refusal {
	return refusal{
		status: http.StatusServiceUnavailable, code: "TEMPORARILY_UNAVAILABLE",
		title: "MLflow is on its way", text: "The tracking server is not ready yet: " + doing + ".",
		retry: true,
	}
}

func (g *gate) progress() Progress {
	if g.Progress != nil {
		return g.Progress()
	}
	_, doing := g.Upstream.Phase()
	return Progress{Doing: doing}
}

//go:embed waiting.html
var waitingHTML string

//go:embed waiting.js
var waitingScript string

var (
	waitingPage = template.Must(template.Must(look.Clone()).New("waiting").Parse(waitingHTML))
	// waitingPolicy lets this one script run, and ask this server.
	waitingPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; connect-src 'self'; script-src " + hashSource(waitingScript) +
		"; base-uri 'none'; frame-ancestors 'none'"
)

// hashSource names a script in a content security policy.
func hashSource(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

type shownStage struct{ Name, Text, Class string }

func (g *gate) showWaiting(w http.ResponseWriter, r *http.Request) {
	p := g.progress()
	var shown []shownStage
	class := "done"
	if p.index() < 0 {
		class = ""
	}
	for _, s := range stages {
		if s.name == StageInstall && !p.Installs {
			continue
		}
		this := shownStage{s.name, s.text, class}
		if s.name == p.Stage {
			this.Class, class = "now", ""
		}
		shown = append(shown, this)
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Retry-After", retryAfter)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", waitingPolicy)
	w.WriteHeader(http.StatusServiceUnavailable)
	if r.Method == http.MethodHead {
		return
	}
	_ = waitingPage.Execute(w, map[string]any{
		"Progress": p, "Percent": p.percent(), "Stages": shown, "Refresh": retryAfter, "Script": template.JS(waitingScript), //nolint:gosec // embedded
	})
}

// tellProgress answers the waiting page's question, which needs no login, as the page does not.
func (g *gate) tellProgress(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	p := g.progress()
	answer := map[string]any{"ready": g.Upstream.Ready(), "stage": p.Stage, "doing": p.Doing, "percent": p.percent()}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

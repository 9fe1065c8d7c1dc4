package status

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"mlflow-server/internal/connect"
	"mlflow-server/internal/gate"
	"mlflow-server/internal/metrics"
)

// View is the report for people: a page that a browser shows without asking for anything else. It does not renew itself: a
// page that is left open must not keep a database awake.
type View struct {
	*Page
	// LastHour has the minutes of the last hour, Visits who came in since a point in time.
	LastHour func() []metrics.Minute
	Visits   func(since time.Time) []gate.Visit
	// Viewer says whether a user may read only.
	Viewer func(name string) bool
}

var (
	//go:embed view.html
	viewHTML string
	//go:embed view.js
	viewScript string

	viewTemplate = template.Must(template.New("view").Funcs(template.FuncMap{
		"span": span, "mb": megabytes, "number": number,
		"ms": func(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) + " ms" },
	}).Parse(viewHTML))

	viewPolicy = func() string {
		sum := sha256.Sum256([]byte(viewScript))
		return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	}()
)

// shown is what the page is made of.
type shown struct {
	Report
	Login           connect.Login
	User, Role, Via string
	Session         bool
	Charts          []shownChart
	Visits          []shownVisit
	Used            int // of the memory limit, in percent
	Now             string
	Script          template.JS
}

type shownVisit struct{ User, Role, Via, Last string }

// ServeHTTP implements http.Handler.
func (v View) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	user := gate.User(r)
	page := shown{
		Report: v.Report(r.Context()), Login: connect.Login{URL: gate.Address(r), User: user}, User: user, Role: v.role(user), Via: gate.Via(r),
		Session: gate.Via(r) == "session", Charts: charts(v.LastHour()), Now: now.UTC().Format("15:04:05 UTC"),
		Script: template.JS(viewScript), //nolint:gosec // embedded
	}
	for _, visit := range v.Visits(now.Add(-time.Hour)) {
		page.Visits = append(page.Visits, shownVisit{visit.User, v.role(visit.User), visit.Via, ago(visit.Last, now)})
	}
	if page.Memory.Limit > 0 {
		page.Used = int(min(100, page.Memory.Total*100/page.Memory.Limit))
	}
	var b bytes.Buffer
	if err := viewTemplate.Execute(&b, page); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", viewPolicy)
	h.Set("X-Frame-Options", "DENY")
	_, _ = w.Write(b.Bytes()) // nothing of it with HEAD
}

func (v View) role(user string) string {
	if v.Viewer(user) {
		return "viewer"
	}
	return "editor"
}

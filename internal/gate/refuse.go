package gate

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
)

// refusal is an answer of the gate's own that is not what was asked for. Its texts are read by outsiders.
type refusal struct {
	status int
	code   string // MLflow's error_code, which its client turns into an exception
	title  string // heading of the page
	text   string // one sentence, for the page and the client
	retry  bool   // the same request may succeed in a moment: a page reloads itself
	// retryAfter is when, in seconds, where retry is not set or knows better.
	retryAfter string
}

//go:embed refusal.html
var refusalHTML string

//go:embed look.html
var lookHTML string

var (
	// look is what the gate's pages have in common.
	look        = template.Must(template.New("").Parse(lookHTML))
	refusalPage = template.Must(template.Must(look.Clone()).New("refusal").Parse(refusalHTML))
)

// refuse answers with a page where a browser asks for one, else in MLflow's own JSON error shape, so that the Python
// client raises an exception that can be read.
func refuse(w http.ResponseWriter, r *http.Request, f refusal) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	switch {
	case f.retryAfter != "":
		h.Set("Retry-After", f.retryAfter)
	case f.retry:
		h.Set("Retry-After", retryAfter)
	}
	if !wantsPage(r) {
		h.Set("Content-Type", "application/json")
		w.WriteHeader(f.status)
		if r.Method != http.MethodHead {
			_ = json.NewEncoder(w).Encode(map[string]string{"error_code": f.code, "message": f.text})
		}
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(f.status)
	if r.Method == http.MethodHead {
		return
	}
	page := map[string]any{"Title": f.title, "Text": f.text, "Status": f.status, "ID": about(r).id}
	if f.retry && r.Method == http.MethodGet {
		page["Refresh"] = retryAfter
	}
	if link, text := wayOut(w, r, f.status); link != "" {
		page["Link"], page["LinkText"] = link, text
	}
	_ = refusalPage.Execute(w, page)
}

// RefusePage answers a person's browser with a page of the gate's look, for a room that has its own words for programs:
// for those it returns false and has done nothing.
func RefusePage(w http.ResponseWriter, r *http.Request, status int, title, text string) bool {
	if !wantsPage(r) {
		return false
	}
	refuse(w, r, refusal{status: status, title: title, text: text})
	return true
}

// wayOut is where a person can go on from a refusal; "" where there is nowhere to go.
func wayOut(w http.ResponseWriter, r *http.Request, status int) (link, text string) {
	if location := w.Header().Get("Location"); location != "" {
		return location, "Go there"
	}
	switch status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusInsufficientStorage:
		if about(r).user != "" {
			return "/", "Go to MLflow"
		}
	}
	return "", ""
}

// wantsPage tells a person's browser from a program: only the former asks for HTML by name.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

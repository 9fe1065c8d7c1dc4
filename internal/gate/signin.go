package gate

import (
	_ "embed"
	"html/template"
	"mime"
	"net/http"

	"mlflow-server/internal/users"
)

// The form is sent to the address that the page was shown at, whatever that is: a browser carries the part behind # from
// what was asked for to the page and on with the form, and MLflow's links are nothing but that part (/#/experiments/1).
//
//go:embed signin.html
var signInHTML string

var signInTemplate = template.Must(template.New("signin").Parse(signInHTML))

// signInPage is what the sign-in page shows.
type signInPage struct {
	Next, Name, Problem string
	SignedInAs          string // for the page that signs out
}

// Clients is where the page links to for those who want to use MLflow from a program.
func (p signInPage) Clients() string { return clientsPath(p.Next) }

// maxForm bounds the body of the sign-in form, in bytes.
const maxForm = 16 << 10

func (g *gate) showSignIn(w http.ResponseWriter, r *http.Request) {
	next := localTarget(r.URL.Query().Get("next"))
	if r.URL.Query().Has(clientsQuery) {
		g.showClients(w, r, next)
		return
	}
	if _, ok := g.sessions.from(r); ok {
		redirect(w, next)
		return
	}
	writeSignIn(w, r, http.StatusOK, signInPage{Next: next})
}

// signIn checks what was typed into the page. Whether the name or the password is wrong is not told.
func (g *gate) signIn(w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil || kind != "application/x-www-form-urlencoded" {
		refuse(w, r, refusal{
			status: http.StatusBadRequest, code: "BAD_REQUEST", title: "Bad request", text: "The sign-in form could not be read.",
		})
		return
	}
	page := signInPage{Next: localTarget(r.PostForm.Get("next")), Name: r.PostForm.Get("username")}
	o := g.checkPassword(r, page.Name, r.PostForm.Get("password"))
	g.count(o)
	switch {
	case o.wait > 0:
		f := tooManyAttempts(o.wait)
		w.Header().Set("Retry-After", f.retryAfter)
		page.Problem = f.text
		writeSignIn(w, r, f.status, page)
	case o.verdict == users.Busy:
		w.Header().Set("Retry-After", loginBusy.retryAfter)
		page.Problem = loginBusy.text + " Try again in a moment."
		writeSignIn(w, r, loginBusy.status, page)
	case o.verdict != users.Right:
		page.Problem = "The user name or the password is wrong."
		writeSignIn(w, r, http.StatusForbidden, page)
	default:
		about(r).user, about(r).via = o.user, "password"
		http.SetCookie(w, g.sessions.cookie(r, g.sessions.sign(o.user, o.version)))
		redirect(w, page.Next)
	}
}

// showSignOut asks before it is done: a picture on another site could point here.
func (g *gate) showSignOut(w http.ResponseWriter, r *http.Request) {
	writeSignIn(w, r, http.StatusOK, signInPage{SignedInAs: about(r).user})
}

// signOut takes the cookie from the browser.
func (g *gate) signOut(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, g.sessions.cookie(r, ""))
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	redirect(w, signInPath)
}

func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

func writeSignIn(w http.ResponseWriter, r *http.Request, status int, page signInPage) {
	writePage(w, r, status, signInTemplate, page)
}

// writePage answers with a page that runs no script and loads nothing.
func writePage(w http.ResponseWriter, r *http.Request, status int, page *template.Template, data any) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy",
		"default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_ = page.Execute(w, data)
	}
}

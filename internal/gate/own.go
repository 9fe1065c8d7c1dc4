package gate

import (
	"io"
	"net/http"
	"slices"
	"strings"
)

// ownPrefix begins the paths that are the gate's own; MLflow has none there.
const ownPrefix = "/-/"

const (
	signInPath  = "/-/login"
	signOutPath = "/-/logout"
	// progressPath is asked by the waiting page, which needs no login.
	progressPath = "/-/progress"
	// whoAmIPath is asked for by MLflow's UI, and answered by MLflow only with its own login.
	whoAmIPath = "/ajax-api/2.0/mlflow/users/current"
	// whatMayIPath is asked for next, when somebody is.
	whatMayIPath = "/ajax-api/3.0/mlflow/users/current/permissions"
)

// Page is an answer of the server's own for signed-in users, viewers included, whether MLflow is ready or not.
type Page struct {
	// Method is GET (which includes HEAD) or POST, Path begins with /-/.
	Method, Path string
	http.Handler
}

// own has the answers that the gate gives itself, by path and method.
type own struct {
	anybody, users map[string]map[string]http.Handler
}

// table is everything that the gate answers itself, but for /health (which comes before the check of the host's name),
// the waiting page, and refusals.
func (g *gate) table() own {
	t := own{anybody: map[string]map[string]http.Handler{}, users: map[string]map[string]http.Handler{}}
	t.add(t.anybody, "GET", progressPath, g.tellProgress)
	if !g.BrowserPrompt {
		t.add(t.anybody, "GET", signInPath, g.showSignIn)
		t.add(t.anybody, "POST", signInPath, g.signIn)
		t.add(t.users, "GET", signOutPath, g.showSignOut)
		t.add(t.users, "POST", signOutPath, g.signOut)
	}
	t.add(t.users, "GET", whoAmIPath, currentUser)
	t.add(t.users, "GET", whatMayIPath, g.currentPermissions)
	// MLflow's UI asks for these on its main pages. Closed, they answer as if nothing had been set up, where a refusal
	// would show up as an error.
	for path, answer := range map[string]idle{
		"/ajax-api/3.0/mlflow/assistant/config":    {assistantRoutes, `{"providers":{},"projects":{},"remote_access_allowed":false}`},
		"/ajax-api/3.0/mlflow/assistant/providers": {assistantRoutes, `{"providers":[],"resolved":null,"gateway_vendor_options":{}}`},
		"/ajax-api/2.0/mlflow/gateway-proxy":       {gatewayRoutes, `{"endpoints":[]}`},
	} {
		if !slices.Contains(g.OpenRoutes, answer.family) {
			t.add(t.users, "GET", path, answer.serve)
		}
	}
	for _, p := range g.Pages {
		t.add(t.users, p.Method, p.Path, p.ServeHTTP)
	}
	return t
}

func (own) add(table map[string]map[string]http.Handler, method, path string, h http.HandlerFunc) {
	if table[path] == nil {
		table[path] = map[string]http.Handler{}
	}
	table[path][method] = h
	if method == http.MethodGet {
		table[path][http.MethodHead] = h
	}
}

// idle is what a part of MLflow answers that nobody has set up.
type idle struct{ family, body string }

func (i idle) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, i.body)
}

// forAnybody answers what needs no login: exactly these methods and paths, in exactly this spelling.
func (t own) forAnybody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := t.anybody[r.URL.EscapedPath()][r.Method]; h != nil {
			about(r).to = ownRoute
			h.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// forUsers answers what needs one. Nothing below /-/ goes any further.
func (t own) forUsers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		methods, mine := t.users[path]
		switch {
		case mine && methods[r.Method] != nil:
			about(r).to = ownRoute
			methods[r.Method].ServeHTTP(w, r)
		case strings.HasPrefix(path, ownPrefix):
			about(r).to = ownRoute
			refuse(w, r, refusal{
				status: http.StatusNotFound, code: "ENDPOINT_NOT_FOUND",
				title: "There is no such page", text: "This server has no page here.",
			})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

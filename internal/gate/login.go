package gate

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mlflow-server/internal/users"
)

const (
	// challenge asks for HTTP Basic credentials; charset makes browsers send them as UTF-8 (RFC 7617).
	challenge = `Basic realm="MLflow", charset="UTF-8"`
	// quietChallenge is for scripts of our own pages: Basic would make the browser open its window over the page.
	quietChallenge = `Bearer realm="MLflow"`
)

// outcome is what became of an attempt to sign in.
type outcome struct {
	verdict users.Verdict
	wait    time.Duration // more than zero: too many wrong attempts, come back then
	user    string
	via     string
	version users.Version // of the password that was right
}

// Reasons why a login is refused.
const (
	RefusedWrong     = "wrong"     // the name, the password or the token
	RefusedThrottled = "throttled" // too many wrong ones before it
	RefusedBusy      = "busy"      // too many passwords wait to be checked
)

// count tells of an attempt that was refused. Whoever brings no login at all has not tried.
func (g *gate) count(o outcome) {
	switch {
	case g.LoginRefused == nil:
	case o.wait > 0:
		g.LoginRefused(RefusedThrottled)
	case o.verdict == users.Busy:
		g.LoginRefused(RefusedBusy)
	case o.verdict == users.Wrong:
		g.LoginRefused(RefusedWrong)
	}
}

// requireLogin lets only requests of a known user pass. There is no exception by path here: what is open is answered
// further out.
func (g *gate) requireLogin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := about(r)
		if !g.BrowserPrompt {
			if user, ok := g.sessions.from(r); ok {
				a.user, a.via = user, "session"
				next.ServeHTTP(w, r)
				return
			}
		}
		o := g.authorize(r)
		if len(r.Header["Authorization"]) > 0 {
			g.count(o)
		}
		switch {
		case o.wait > 0:
			refuse(w, r, tooManyAttempts(o.wait))
		case o.verdict == users.Right:
			a.user, a.via = o.user, o.via
			next.ServeHTTP(w, r)
		case o.verdict == users.Busy:
			refuse(w, r, loginBusy)
		default:
			g.askToSignIn(w, r)
		}
	})
}

// authorize looks at the one Authorization header of a request. With two of them it is anybody's guess which one the
// client means, so there are none.
func (g *gate) authorize(r *http.Request) outcome {
	values := r.Header["Authorization"]
	if len(values) != 1 {
		return outcome{}
	}
	c, ok := parseAuthorization(values[0])
	switch {
	case !ok:
		return outcome{}
	case c.token != "":
		return g.checkToken(r, c.token, "")
	case g.Users.LooksLikeToken(c.password):
		if o := g.checkToken(r, c.password, c.name); o.verdict == users.Right {
			return o
		}
	}
	return g.checkPassword(r, c.name, c.password)
}

// checkToken looks a token up. Where a user name came with it, it has to be the owner's. Wrong ones are not counted: no
// guess will ever be right.
func (g *gate) checkToken(r *http.Request, token, name string) outcome {
	owner, id, ok := g.Users.Token(token)
	if !ok || name != "" && name != owner {
		return outcome{}
	}
	return outcome{verdict: users.Right, user: owner, via: "token " + id}
}

// checkPassword is the one place where passwords are checked, for clients and for the sign-in page.
func (g *gate) checkPassword(r *http.Request, name, password string) outcome {
	from := about(r).address
	if wait := g.guard.Wait(from, name); wait > 0 {
		return outcome{wait: wait}
	}
	key, doubt := g.guard.Standing(from, name)
	verdict, version := g.Users.Check(r.Context(), users.Attempt{
		Name: name, Password: password, From: users.Origin{Key: key, Doubt: doubt},
	})
	switch verdict {
	case users.Right:
		g.guard.Succeeded(from, name)
	case users.Wrong:
		g.guard.Failed(from, name)
	case users.Busy:
		g.guard.TurnedAway(from)
	}
	return outcome{verdict: verdict, user: name, via: "password", version: version}
}

// askToSignIn sends a person to the sign-in page and tells a program what it needs.
func (g *gate) askToSignIn(w http.ResponseWriter, r *http.Request) {
	mode := r.Header.Get("Sec-Fetch-Mode")
	looking := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !g.BrowserPrompt && looking && wantsPage(r) && (mode == "" || mode == "navigate") {
		to := signInPath
		if next := r.URL.RequestURI(); next != "/" {
			to += "?next=" + url.QueryEscape(next)
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Add("Vary", "Accept, Cookie, Sec-Fetch-Mode")
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	ask := challenge
	if !g.BrowserPrompt && mode != "" && mode != "navigate" {
		ask = quietChallenge
	}
	w.Header().Set("WWW-Authenticate", ask)
	refuse(w, r, refusal{
		status: http.StatusUnauthorized, code: "UNAUTHENTICATED",
		title: "Sign in to MLflow",
		text: "A user name and a password, or a token, are needed. In the MLflow client, set MLFLOW_TRACKING_USERNAME and " +
			"MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.",
	})
}

func tooManyAttempts(wait time.Duration) refusal {
	seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
	return refusal{
		status: http.StatusTooManyRequests, code: "RESOURCE_EXHAUSTED", title: "Too many wrong attempts",
		text: "Too many wrong user names or passwords came from this address. Try again in " + seconds + " s.", retryAfter: seconds,
	}
}

// loginBusy is the answer when too many passwords wait to be checked.
var loginBusy = refusal{
	status: http.StatusServiceUnavailable, code: "TEMPORARILY_UNAVAILABLE", title: "Too many people are signing in",
	text: "Too many passwords are being checked at this moment.", retryAfter: "2",
}

// localTarget is where to go after signing in: a path of this server, or its first page.
func localTarget(next string) string {
	// What begins with two slashes, of either kind, is another host to a browser; control characters it leaves out.
	if next == "" || next[0] != '/' || len(next) > 1 && (next[1] == '/' || next[1] == '\\') || len(next) > 2<<10 ||
		strings.ContainsFunc(next, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '\\' }) {
		return "/"
	}
	target, err := url.Parse(next)
	if err != nil || target.IsAbs() || target.Host != "" || target.User != nil || strings.HasPrefix(target.Path, signInPath) ||
		strings.HasPrefix(target.Path, "//") {
		return "/"
	}
	return next
}

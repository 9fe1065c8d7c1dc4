// Package gate is the front of the server: every request passes through it, and nothing but an authenticated
// request passes on to MLflow.
//
// New builds the whole chain; each link is one file.
package gate

import (
	"context"
	"log/slog"
	"net/http"
)

// Login decides whether a name and a password belong to a user.
type Login interface {
	Verify(ctx context.Context, name, password string) bool
}

// Upstream is the tracking server behind the gate.
type Upstream interface {
	// RoundTrip sends one request to it.
	http.RoundTripper
	// Phase says whether it takes requests and, if not, what it is busy with: a few words that anybody may read.
	Phase() (ready bool, doing string)
}

// Options are what a gate is made of.
type Options struct {
	Login    Login
	Upstream Upstream
	// Rooms answer requests in MLflow's place, the first that serves one.
	Rooms []Room
	// AllowedHosts are the host names, without port, that the Host header may carry; empty allows every name.
	AllowedHosts []string
	// TrustLastHop takes the client's address and scheme from the last entry that a router in front added to the
	// X-Forwarded-* headers. True on a Heroku dyno, where nothing else can reach the port.
	TrustLastHop bool
	// Log receives one line for each request, and the proxy's failures.
	Log *slog.Logger
}

// New returns the whole request path, outermost first. Read it from the bottom up.
func New(o Options) http.Handler {
	var h http.Handler
	h = newProxy(o.Upstream, o.Log)         // to MLflow, as a local client it trusts
	h = chooseRoom(o.Rooms, h)              // unless the gate has something faster
	h = requireLogin(o.Login, h)            // from here on the user is known
	h = refuseCrossOrigin(h)                // before login, so that no other site can use one; before Host is rewritten
	h = answerWhileWaiting(o.Upstream, h)   // 503 until MLflow takes requests
	h = answerHealth(o.Upstream, h)         // the one page that needs no login
	h = checkHost(o.AllowedHosts, h)        // against DNS rebinding
	h = refuseOddRequests(h)                // CONNECT and the like
	h = logAccess(o.Log, o.TrustLastHop, h) // one line, whatever happens below
	return identify(h)                      // a request id for the line, the answer and MLflow
}

// Package gate is the front of the server: every request passes through it, and nothing but an authenticated
// request passes on to MLflow.
//
// New builds the whole chain; each link is one file. What the gate answers itself stands in one table, in own.go; what
// it knows of MLflow's routes in another, in routes.go.
package gate

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"mlflow-server/internal/throttle"
	"mlflow-server/internal/users"
)

// Users are those who may come in.
type Users interface {
	// Check says whether a name and a password belong to a user, and then which version of the password was right.
	Check(ctx context.Context, a users.Attempt) (users.Verdict, users.Version)
	// Token says whose token a text is, and the token's public id.
	Token(text string) (name, id string, ok bool)
	// LooksLikeToken says whether a text has a token's form, known or not.
	LooksLikeToken(text string) bool
	// Version changes with a user's password; ok is false when there is no such user.
	Version(name string) (v users.Version, ok bool)
	// Viewer says whether a user may read only.
	Viewer(name string) bool
}

// Upstream is the tracking server behind the gate.
type Upstream interface {
	// RoundTrip sends one request to it.
	http.RoundTripper
	// Ready says whether it takes requests. It is asked for every one.
	Ready() bool
	// Phase says, when it is not ready, what it is busy with: a few words that anybody may read.
	Phase() (ready bool, doing string)
}

// Options are what a gate is made of.
type Options struct {
	Users    Users
	Upstream Upstream
	// Progress says how far Upstream is while it is not ready; nil leaves it at what Phase says.
	Progress func() Progress
	// Rooms answer requests in MLflow's place, the first that serves one.
	Rooms []Room
	// Pages are further answers below /-/ for those who are signed in.
	Pages []Page

	// BrowserPrompt leaves signing in to the browser's own window, without a page and a session.
	BrowserPrompt bool
	// SessionKey signs session cookies; servers that share it know each other's. At least 32 bytes.
	SessionKey []byte
	// SessionTime is how long a session lasts, in whole seconds.
	SessionTime time.Duration

	// AllowedHosts are the host names, without port, that the Host header may carry; empty allows every name.
	AllowedHosts []string
	// Proxies are the hops in front of this server that are believed about clients.
	Proxies Proxies
	// ForceHTTPS sends whoever comes by http to https.
	ForceHTTPS bool
	// OpenRoutes are the families of MLflow's routes that are open in spite of being closed by default; see Closed.
	OpenRoutes []string
	// StampUser makes the signed-in user the author of the runs that are created.
	StampUser bool
	// MaxRequests and MaxRequestsPerUser bound what is in flight behind the login; 0 is no bound.
	MaxRequests, MaxRequestsPerUser int

	// Log receives one line for each request, and the proxy's failures.
	Log *slog.Logger
	// Seen remembers who was let in; nil for nobody.
	Seen *Seen
	// LoginRefused is told why, for each attempt to sign in that is refused; nil for nobody.
	LoginRefused func(reason string)
	// Audit receives one JSON line for each request that changes something; nil for none.
	Audit *Audit

	guard    *throttle.Guard // one of the tests, whose clock stands still; nil makes one
	patience patience        // less of it in tests; none is the usual one
}

// New returns the whole request path, outermost first. Read it from the bottom up.
func New(o Options) http.Handler {
	g := newGate(o)
	var h http.Handler
	h = newProxy(o.Upstream, o.Log)                           // to MLflow, as a local client it trusts
	h = boundGraphQL(h)                                       // in which a few words ask for a lot
	h = chooseRoom(o.Rooms, h)                                // unless the gate has something faster
	h = stampUser(o.StampUser, h)                             // with the author that is known here, whoever makes the run
	h = refuseViewers(o.Users, h)                             // who may only read
	h = refuseClosedRoutes(o.OpenRoutes, h)                   // parts of MLflow that nobody asked for
	h = limitInFlight(o.MaxRequests, o.MaxRequestsPerUser, h) // nobody takes it all
	h = g.own.forUsers(h)                                     // sign-out, who am I, status pages
	h = noteVisit(o.Seen, h)                                  // for the status page
	h = compressAnswers(h)                                    // JSON and text, for whoever takes that
	h = g.requireLogin(h)                                     // from here on the user is known
	h = g.answerWhileWaiting(h)                               // 503 until MLflow takes requests
	h = g.own.forAnybody(h)                                   // the sign-in page
	h = refuseCrossOrigin(h)                                  // before login, so that no other site can use one; before Host is rewritten
	h = neverSilent(h)                                        // who gave up on a client has not said 200
	h = recordChanges(o.Audit, o.Log, h)                      // whoever changes something, or is refused it
	h = requireHTTPS(o.ForceHTTPS, h)                         // where somebody in front ends TLS
	h = checkHost(o.AllowedHosts, h)                          // against DNS rebinding
	h = answerHealth(o.Upstream, h)                           // load balancers know no name
	h = checkRequest(h)                                       // one spelling for each path, no tunnels
	h = secureHeaders(h)                                      // what browsers may make of the answers
	h = watchProgress(g.patience, h)                          // who stands still is cut off
	h = logAccess(o.Log, o.Proxies, h)                        // one line, whatever happens below
	return identify(h)                                        // a request id for the line, the answer and MLflow
}

// gate is what several links share.
type gate struct {
	Options
	sessions *sessions
	own      own
}

func newGate(o Options) *gate {
	if o.guard == nil {
		o.guard = throttle.New()
	}
	if o.patience == (patience{}) {
		o.patience = usualPatience
	}
	g := &gate{Options: o, sessions: newSessions(o.SessionKey, o.SessionTime, o.Users)}
	g.own = g.table()
	return g
}

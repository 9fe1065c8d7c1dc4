package gate

import (
	"context"
	"net"
	"net/http"
	"strings"
)

// request is what the gate learns about one request on its way through; every link may read and add to it.
type request struct {
	id     string // for the log, the answer and MLflow
	client string // IP address
	scheme string // as the client sees it: http or https
	user   string // set once the login is verified

	fallback http.Handler // MLflow, for a room that has taken the request by mistake
}

type requestKey struct{}

func withRequest(r *http.Request, about *request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), requestKey{}, about))
}

// about returns what is known of the request; identify made it, so it is always there.
func about(r *http.Request) *request { return r.Context().Value(requestKey{}).(*request) }

// locate finds the client's address and scheme. Heroku's router appends the peer it saw to X-Forwarded-For, so only
// the last entry is its own, and it replaces X-Forwarded-Proto.
func (a *request) locate(r *http.Request, trustLastHop bool) {
	a.scheme = "http"
	if r.TLS != nil {
		a.scheme = "https"
	}
	a.client = r.RemoteAddr
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		a.client = host
	}
	if !trustLastHop {
		return
	}
	if ip := net.ParseIP(lastEntry(r.Header.Values("X-Forwarded-For"))); ip != nil {
		a.client = ip.String()
	}
	if lastEntry(r.Header.Values("X-Forwarded-Proto")) == "https" {
		a.scheme = "https"
	}
}

func lastEntry(values []string) string {
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}

package gate

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/netip"
	"strconv"
)

// request is what the gate learns about one request on its way through; every link may read and add to it.
type request struct {
	id      string     // for the log, the answer and MLflow
	client  string     // IP address, as text
	address netip.Addr // the same; invalid when the peer has none
	scheme  string     // as the client sees it: http or https
	to      route      // which family of routes it is for
	user    string     // set once the login is verified
	via     string     // how: password, session, or token and the token's id
	foreign bool       // refused because it came from another origin

	body     *progressingBody // nil where there is none
	fallback http.Handler     // MLflow, for a room that has taken the request by mistake
}

type requestKey struct{}

func withRequest(r *http.Request, about *request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), requestKey{}, about))
}

// about returns what is known of the request; identify made it, so it is always there.
func about(r *http.Request) *request { return r.Context().Value(requestKey{}).(*request) }

// withBody is a copy of a request whose body has been read and is now this one.
func withBody(r *http.Request, body []byte) *http.Request {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	again.ContentLength = int64(len(body))
	again.TransferEncoding = nil
	again.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return again
}

package launcher

import (
	"net/http"
	"sync/atomic"

	"mlflow-server/internal/provision"
	"mlflow-server/internal/tracking"
)

// upstream is the tracking server as the gate sees it: there from the first moment, with MLflow in it or not yet.
type upstream struct {
	server  atomic.Pointer[tracking.Server]
	runtime atomic.Pointer[provision.Runtime]
}

func (u *upstream) set(s *tracking.Server) { u.server.Store(s) }

// Ready implements gate.Upstream.
func (u *upstream) Ready() bool {
	s := u.server.Load()
	return s != nil && s.Ready()
}

// Phase implements gate.Upstream.
func (u *upstream) Phase() (ready bool, doing string) {
	s := u.server.Load()
	if s == nil {
		return false, "MLflow is being installed"
	}
	status := s.Status()
	return status.Ready, status.Detail
}

// RoundTrip implements http.RoundTripper.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	s := u.server.Load()
	if s == nil {
		return nil, tracking.ErrNotReady
	}
	return s.RoundTrip(r)
}

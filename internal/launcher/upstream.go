package launcher

import (
	"net/http"
	"sync/atomic"

	"mlflow-server/internal/gate"
	"mlflow-server/internal/provision"
	"mlflow-server/internal/tracking"
)

// upstream is the tracking server as the gate sees it: there from the first moment, with MLflow in it or not yet.
type upstream struct {
	server  atomic.Pointer[tracking.Server]
	runtime atomic.Pointer[provision.Runtime]

	installing func() string // what the installation is at; nil for none
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
		return false, u.preparing()
	}
	status := s.Status()
	return status.Ready, status.Detail
}

// preparing is what happens before there is a process of MLflow's.
func (u *upstream) preparing() string {
	if u.installing == nil {
		return "the server is starting"
	}
	if step := u.installing(); step != "" {
		return "MLflow is being installed (" + step + ")"
	}
	return "MLflow is being installed"
}

// stages are the gate's words for the phases of a start. A process that is being started has the database before it.
var stages = map[tracking.Phase]string{
	tracking.PhaseStarting: gate.StageDatabase, tracking.PhaseDatabase: gate.StageDatabase,
	tracking.PhaseMigrating: gate.StageSchema, tracking.PhaseImporting: gate.StageLoad,
}

// progress is how far a start is, for the waiting page.
func (u *upstream) progress() gate.Progress {
	s := u.server.Load()
	if s == nil {
		return gate.Progress{Stage: gate.StageInstall, Doing: u.preparing(), Installs: u.installing != nil}
	}
	status := s.Status()
	stage, known := stages[status.Phase]
	if !known {
		stage = string(status.Phase)
	}
	return gate.Progress{Stage: stage, Doing: status.Detail, Step: status.Step, Steps: status.Steps, Installs: u.installing != nil}
}

// RoundTrip implements http.RoundTripper.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	s := u.server.Load()
	if s == nil {
		return nil, tracking.ErrNotReady
	}
	return s.RoundTrip(r)
}

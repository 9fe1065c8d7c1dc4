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
	// workerMemory is what one worker may take, in bytes; it depends on the runtime.
	workerMemory atomic.Int64

	installing func() provision.Position // how far the installation is; nil for none
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
	if step := u.installing().Step; step != "" {
		return "MLflow is being installed (" + step + ")"
	}
	return "MLflow is being installed"
}

// stages are the gate's words for the phases of a start. A process that is being started has the database before it.
var stages = map[tracking.Phase]string{
	tracking.PhaseStarting: gate.StageDatabase, tracking.PhaseDatabase: gate.StageDatabase,
	tracking.PhaseImporting: gate.StageLoad, tracking.PhaseMigrating: gate.StageSchema, tracking.PhaseOpening: gate.StageOpen,
}

// progress is how far a start is, for the waiting page.
func (u *upstream) progress() gate.Progress {
	if s := u.server.Load(); s != nil {
		return progressAt(s.Status(), u.installing != nil)
	}
	if u.installing == nil {
		return gate.Progress{Stage: gate.StageDatabase, Doing: u.preparing()} // the first stage that there is
	}
	at := u.installing()
	return gate.Progress{Stage: gate.StageInstall, Doing: u.preparing(), Step: at.Done, Steps: at.All, Installs: true}
}

// progressAt is the same once there is a process. A phase that is no stage, such as a pause before a restart, has its own
// name.
func progressAt(status tracking.Status, installs bool) gate.Progress {
	stage, known := stages[status.Phase]
	if !known {
		stage = string(status.Phase)
	}
	return gate.Progress{Stage: stage, Doing: status.Detail, Step: status.Step, Steps: status.Steps, Installs: installs}
}

// RoundTrip implements http.RoundTripper.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	s := u.server.Load()
	if s == nil {
		return nil, tracking.ErrNotReady
	}
	return s.RoundTrip(r)
}

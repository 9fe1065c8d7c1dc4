package tracking

import (
	"sync"
	"time"
)

// Phase is what the child is doing.
type Phase string

// The phases of a child's life, in their order.
const (
	PhaseStarting   Phase = "starting"   // the process is being started
	PhaseDatabase   Phase = "database"   // it waits for the database
	PhaseImporting  Phase = "importing"  // MLflow is loaded
	PhaseMigrating  Phase = "migrating"  // the schema is created or upgraded
	PhaseOpening    Phase = "opening"    // the workers are started, up to the first one's first answer
	PhaseReady      Phase = "ready"      // at least one worker has answered
	PhaseRestarting Phase = "restarting" // the child has ended, the pause before the next start
	PhaseStopping   Phase = "stopping"   // Run's context is cancelled
)

var phaseText = map[Phase]string{
	PhaseStarting:   "MLflow is starting",
	PhaseDatabase:   "waiting for the database",
	PhaseImporting:  "MLflow is loading",
	PhaseMigrating:  "the database is being prepared",
	PhaseOpening:    "MLflow is opening its store",
	PhaseReady:      "MLflow is ready",
	PhaseRestarting: "MLflow is being restarted",
	PhaseStopping:   "the server is stopping",
}

// Status is a snapshot of the child.
type Status struct {
	Phase Phase
	// Ready says that a request would be answered now.
	Ready bool
	// Detail is one line about the phase that strangers may see: no host, no path, no version.
	Detail string
	// Step of Steps is being done in this phase; 0 of 0 where nobody knows.
	Step, Steps int
	// Since is when the phase began.
	Since time.Time
	// Restarts counts the starts after the first one, WorkerRestarts the replaced workers.
	Restarts, WorkerRestarts int
	// Schema is the revision of the database's schema, "" as long as it is not known.
	Schema string
	// PID is the child's process number, 0 when there is none.
	PID int
	// Workers has the processes that answer requests, by index.
	Workers []WorkerStatus
}

// WorkerStatus is a snapshot of one worker.
type WorkerStatus struct {
	Index, PID int
	// Ready says that it has answered.
	Ready bool
	// InFlight is how many requests it has been given and not finished.
	InFlight int
	// Memory is what it took when it was last looked at, in bytes; 0 when it was not yet.
	Memory int64
}

// state is the part of Status that is kept, not computed.
type state struct {
	mu             sync.Mutex
	phase          Phase
	detail         string
	step, steps    int
	since          time.Time
	restarts       int
	workerRestarts int
	schema         string
	pid            int
}

func (s *state) set(p Phase, more string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(p, more)
}

func (s *state) enter(p Phase, more string) {
	if p != s.phase {
		s.phase, s.since, s.step, s.steps = p, time.Now(), 0, 0
	}
	s.detail = phaseText[p]
	if more != "" {
		s.detail += " (" + more + ")"
	}
}

// ready enters the phase ready and tells whether it was another one. A server that is stopping stays so.
func (s *state) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == PhaseReady || s.phase == PhaseStopping {
		return false
	}
	s.enter(PhaseReady, "")
	return true
}

func (s *state) restarting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restarts++
	s.enter(PhaseRestarting, "")
}

// at says how far the phase is.
func (s *state) at(step, steps int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step, s.steps = step, steps
}

func (s *state) workerDied() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.workerRestarts++
}

func (s *state) has(schema string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schema = schema
}

func (s *state) is(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pid = pid
}

func (s *state) in(p Phase) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase == p
}

func (s *state) status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Status{
		Phase: s.phase, Detail: s.detail, Since: s.since, Step: s.step, Steps: s.steps,
		Restarts: s.restarts, WorkerRestarts: s.workerRestarts, Schema: s.schema, PID: s.pid,
	}
}

package fasttrack

import "time"

// Name and SweepName are the measurements' on the command line.
const (
	Name      = "native"
	SweepName = "sweep"
)

// Scale is how long and how often.
type Scale struct {
	// Window is how long native tracking is measured at a time, SlowWindow how long MLflow is, which answers less.
	Window, SlowWindow time.Duration
	// Turns is how often each server is measured, KeyTurns how often where something is expected of the figure.
	Turns, KeyTurns int
	// Fleet are the numbers of connections.
	Fleet []int
	// Clients is how many Python clients log at once, Steps how many steps each.
	Clients, Steps int
	// Rows is how many rows the table of metrics gets for the last part; 0 leaves that out.
	Rows int

	few         bool     // start one server of ours and one of MLflow's, which play the other two as well
	peerEnviron []string // of "mlflow server", where a test has an installation without everything
}

// The scales: Full gives figures to publish, in about twenty minutes on two cores, FullSweep one more in ten, Smoke shows
// that it runs.
var (
	Full = Scale{Window: time.Second, SlowWindow: 2500 * time.Millisecond, Turns: 1, KeyTurns: 5, Fleet: []int{1, 8, 64},
		Clients: 50, Steps: 50, Rows: 10_000_000}
	FullSweep = Scale{Turns: 1, Clients: 50, Steps: 1000}
	Smoke     = Scale{Window: 200 * time.Millisecond, SlowWindow: 500 * time.Millisecond, Turns: 1, KeyTurns: 1, Fleet: []int{2},
		Clients: 2, Steps: 3, Rows: 2000, few: true}
)

const (
	// warmUp passes before anything counts.
	warmUp = 200 * time.Millisecond
	// patience is how long an answer may take before it counts as none.
	patience = 20 * time.Second
	// key is the number of connections for which something is expected.
	key = 8
)

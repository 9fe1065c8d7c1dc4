package launcher

import (
	"testing"

	"mlflow-server/internal/gate"
	"mlflow-server/internal/provision"
	"mlflow-server/internal/tracking"
)

func TestEveryPhaseOfAStartHasItsStage(t *testing.T) {
	for phase, want := range map[tracking.Phase]string{
		tracking.PhaseStarting:   gate.StageDatabase,
		tracking.PhaseDatabase:   gate.StageDatabase,
		tracking.PhaseImporting:  gate.StageLoad,
		tracking.PhaseMigrating:  gate.StageSchema,
		tracking.PhaseOpening:    gate.StageOpen,
		tracking.PhaseReady:      "ready",
		tracking.PhaseRestarting: "restarting",
		tracking.PhaseStopping:   "stopping",
	} {
		for _, installs := range []bool{false, true} {
			got := progressAt(tracking.Status{Phase: phase, Detail: "at it", Step: 3, Steps: 7}, installs)
			if want := (gate.Progress{Stage: want, Doing: "at it", Step: 3, Steps: 7, Installs: installs}); got != want {
				t.Errorf("%s: %+v, want %+v", phase, got, want)
			}
		}
	}
}

func TestBeforeThereIsAProcessNothingButAnInstallationIsAnInstallation(t *testing.T) {
	at := provision.Position{Step: "compiling bytecode", Done: 3, All: 6}
	for _, c := range []struct {
		why  string
		u    *upstream
		want gate.Progress
	}{
		{"nothing to install", &upstream{}, gate.Progress{Stage: gate.StageDatabase, Doing: "the server is starting"}},
		{"an installation", &upstream{installing: func() provision.Position { return at }},
			gate.Progress{Stage: gate.StageInstall, Doing: "MLflow is being installed (compiling bytecode)", Step: 3, Steps: 6, Installs: true}},
	} {
		if got := c.u.progress(); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.why, got, c.want)
		}
	}
}

package launcher

import (
	"log/slog"
	"strings"
	"testing"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
	"mlflow-server/internal/sizing"
)

func TestTheWayMLflowIsRunDecidesWhetherItsWorkersAreWatched(t *testing.T) {
	const unwatched, noEffect = "MLflow's own command line is run: workers that grow are not replaced", "MLFLOW_WORKER_MEMORY_MB has no effect"
	locked, other := provision.Runtime{Locked: true, MLflowVersion: "3.17.2"}, provision.Runtime{MLflowVersion: "3.16.1"}
	for _, tt := range []struct {
		name     string
		runtime  provision.Runtime
		capacity config.Capacity
		watched  bool
		says     []string
	}{
		{"the locked version", locked, config.Capacity{WatchMemory: true}, true, nil},
		{"another version", other, config.Capacity{WatchMemory: true}, false,
			[]string{unwatched, "MLflow 3.16.1 is not the locked version", "use the locked version"}},
		{"jobs", locked, config.Capacity{WatchMemory: true, Jobs: true}, false,
			[]string{unwatched, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION is true", "leave MLFLOW_SERVER_ENABLE_JOB_EXECUTION out"}},
		{"another version and a share that somebody has set", other, config.Capacity{WatchMemory: true, WorkerMemory: 300 << 20}, false,
			[]string{unwatched, noEffect}},
		{"not to be watched", locked, config.Capacity{}, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := &safeBuffer{}
			choice := size(&config.Config{Workers: 1, Capacity: tt.capacity}, tt.runtime, 0, slog.New(slog.NewTextHandler(log, nil)))
			want := tt.watched && sizing.MachineMemory() > 0 // it is not known on every system
			if (choice.WorkerMemory > 0) != want || (choice.TotalMemory > 0) != want {
				t.Errorf("a worker may take %d, all %d", choice.WorkerMemory, choice.TotalMemory)
			}
			for _, part := range tt.says {
				if !strings.Contains(log.String(), part) {
					t.Errorf("%q is not in:\n%s", part, log)
				}
			}
			if len(tt.says) == 0 && strings.Contains(log.String(), unwatched) || len(tt.says) != 2 && strings.Contains(log.String(), noEffect) {
				t.Errorf("too much is said:\n%s", log)
			}
		})
	}
}

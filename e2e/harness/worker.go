package harness

import (
	"path/filepath"
	"regexp"
)

var runDirectory = regexp.MustCompile(`/[^ =:]*mlflow-server-run-[0-9]+`)

// WorkerSockets are the unix sockets on which MLflow's workers answer without a gate before them.
func (i *Instance) WorkerSockets() []string {
	i.t.Helper()
	for command := range i.CommandLines() {
		if dir := runDirectory.FindString(command); dir != "" {
			if sockets, _ := filepath.Glob(filepath.Join(dir, "w*.sock")); len(sockets) > 0 {
				return sockets
			}
		}
	}
	i.t.Fatalf("no socket of MLflow is found in %v", family(i.Pid()))
	return nil
}

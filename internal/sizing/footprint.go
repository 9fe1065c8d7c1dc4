package sizing

// What the parts take, in MB of 1,048,576 bytes: measured proportional set sizes after mixed load, rounded up, with room
// for a worker to grow in.
const (
	launcherMB = 40
	// JobsMB is what MLflow's job runners take: a supervisor and seven consumers of 160 to 175 MB each, as soon as they are idle.
	JobsMB = 1400
)

// footprint is what one way to run MLflow takes, in MB, without the launcher.
type footprint struct {
	alone  int // a single worker and all that it needs
	parent int // what several workers need beside themselves
	worker int // what each of several adds
}

var (
	// lean workers are forked from a parent that has MLflow imported; a single one needs no parent.
	lean = footprint{alone: 220, parent: 190, worker: 60}
	// publicCLI is MLflow's own command line, with all that MLflow asks for, as another version than the locked one has it. The
	// process that starts it (42 MB) and the command line, which imports MLflow as well (205), wait beside a worker (219); several
	// workers have uvicorn's supervisor, too (24), and are spawned, not forked, so that each imports MLflow for itself.
	publicCLI = footprint{alone: 490, parent: 275, worker: 225}
)

func (d Demand) footprint() footprint {
	if d.PublicCLI {
		return publicCLI
	}
	return lean
}

// need is what so many workers take, in MB, the launcher included.
func (f footprint) need(workers int) int {
	if workers == 1 {
		return launcherMB + f.alone
	}
	return launcherMB + f.parent + workers*f.worker
}

// fitting is how many workers a number of MB holds; one there has to be.
func (f footprint) fitting(budget int) int { return max((budget-launcherMB-f.parent)/f.worker, 1) }

// share is what one worker may grow to, in MB: an equal part of what the launcher and the parent leave, but always
// enough to live. A worker's part of the memory that it shares with the parent counts as the worker's.
func (f footprint) share(budget, workers int) int {
	if workers == 1 {
		return max(budget-launcherMB, f.alone+f.alone/4)
	}
	shared := f.parent / (workers + 1)
	return max((budget-launcherMB-shared)/workers, shared+2*f.worker)
}

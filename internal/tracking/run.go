package tracking

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// outcome is how one life of the child ended.
type outcome struct {
	readyFor time.Duration // 0: it never became ready
	err      error         // what happened, for the log
	fatal    error         // set when starting again would not help
}

// runOnce is one life of the child: started, ready, ended. It returns after the last process of it is gone.
func (s *Server) runOnce(ctx context.Context) outcome {
	s.state.set(PhaseStarting, "")
	child, err := s.start()
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return outcome{fatal: err} // the runtime or the directory is not there, and will not be in a second
	case err != nil:
		return outcome{err: err}
	}
	defer child.cleanUp()
	defer s.pool.clear()
	s.state.is(child.cmd.Process.Pid)
	defer s.state.is(0)

	probing, stopProbing := context.WithCancel(ctx)
	defer stopProbing()
	var (
		life    = lifeLog{server: s, child: child, probing: probing, ready: make(chan struct{}, 1), unburied: make(chan *worker)}
		readyAt time.Time
		tooLate = s.firstLimit()
		stopped = ctx.Done()
		end     = ending{usual: s.options.StopTimeout, migration: s.options.FinishMigration, log: s.options.Log}
		forced  <-chan struct{}
	)
	if s.task == taskServe {
		go s.watchMemory(probing, life.bury)
	}
	for {
		select {
		case event, open := <-child.events:
			if !open {
				stopProbing()
				return life.outcome(readyAt)
			}
			life.take(event)
			if life.migrates {
				end.finishMigration()
			}
			switch event.Phase {
			case "migrating", "copied": // which takes as long as it takes
				tooLate = nil
			case "importing", "migrated", "rehearsing", "serving":
				tooLate = time.After(s.timing.ready)
			}
		case <-life.ready:
			if s.state.ready() {
				readyAt, tooLate = time.Now(), nil
				s.options.Log.Info("MLflow is ready")
			}
		case <-tooLate:
			life.reason = fmt.Errorf("no worker answered within %v", s.timing.ready)
			child.kill()
		case <-stopped:
			stopped, forced = nil, s.options.Forced
			phase := s.state.status().Phase
			s.state.set(PhaseStopping, "")
			s.pool.clear()
			child.endLifeline()
			if phase == PhaseStarting || phase == PhaseImporting || phase == PhaseOpening {
				child.kill() // nothing to finish, and an import does not look at the lifeline
				continue
			}
			end.begin(life.migrates)
		case <-end.over:
			end.end()
			child.kill()
		case <-forced:
			forced = nil
			child.kill()
		case w := <-life.unburied:
			s.options.Log.Error("the parent of MLflow's workers does not notice that one was killed; all of MLflow is started again",
				"worker", w.index, "pid", w.pid)
			life.reason = errors.New("the parent of its workers hung")
			child.kill()
		}
	}
}

// firstLimit is how long a server may take until it imports MLflow. Other tasks take as long as their databases do.
func (s *Server) firstLimit() <-chan time.Time {
	if s.task != taskServe {
		return nil
	}
	return time.After(s.options.DatabaseWait + s.timing.ready)
}

// FatalError is a reason of the child's not to go on that starting again would not mend.
type FatalError struct {
	// Kind says what to look at: "database", "driver", "schema" or "migration".
	Kind string
	// Message is for the operator: it names hosts and files, never a password.
	Message string
}

func (e *FatalError) Error() string { return e.Message }

// ErrNotReady is what RoundTrip returns as long as no worker is ready.
var ErrNotReady = errors.New("MLflow is not ready")

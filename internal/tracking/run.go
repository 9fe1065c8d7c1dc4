package tracking

import (
	"cmp"
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
		life     = lifeLog{server: s, child: child, probing: probing, ready: make(chan struct{}, 1), unburied: make(chan *worker)}
		readyAt  time.Time
		tooLate  = s.firstLimit()
		stopped  = ctx.Done()
		patience time.Duration
		killTime <-chan time.Time
		forced   <-chan struct{}
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
			patience = s.options.StopTimeout
			if life.migrates {
				patience = s.options.FinishMigration
				s.options.Log.Info("stopping when the database's schema is up to date", "after_at_most", patience)
			}
			killTime = time.After(patience)
		case <-killTime:
			s.options.Log.Warn("MLflow did not stop in time and is killed", "after", patience)
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

// lifeLog turns the child's events into state, workers and log lines.
type lifeLog struct {
	server    *Server
	child     *child
	probing   context.Context
	ready     chan struct{} // gets a value when a worker answers
	unburied  chan *worker  // gets one that was killed and whose parent does not say that it died
	migrates  bool          // the schema is being changed
	reason    error         // why the launcher ended this life
	fatal     error         // why the child said it cannot go on
	latest    string        // the schema's revision after an upgrade
	countdown time.Time     // when the last line of the wait for the database was logged
	step      time.Time     // when the last step of an upgrade was logged
}

func (l *lifeLog) take(e event) {
	s, log := l.server, l.server.options.Log
	switch e.Event {
	case "phase":
		l.phase(e)
	case "worker":
		w := s.pool.add(e.Worker, e.PID, e.Network, e.Address)
		log.Info("worker started", "worker", e.Worker, "pid", e.PID)
		go s.watchHealth(l.probing, w, l.bury)
		go s.watchBirth(l.probing, w, l.bury)
		go func() {
			if s.pool.awaitReady(l.probing, w, s.timing.probe) {
				select {
				case l.ready <- struct{}{}:
				default:
				}
			}
		}()
	case "died":
		doom := s.pool.remove(e.Worker, e.PID)
		if s.state.status().Phase != PhaseStopping {
			s.state.workerDied()
			log.Warn("worker died, replacing it", "worker", e.Worker, "pid", e.PID, "reason", cmp.Or(doom, e.Reason))
		}
	case "schema":
		s.state.has(e.Found)
		l.latest = e.Latest
	case "finding":
		if s.found != nil {
			s.found(Finding{Check: e.Check, State: e.State, Text: s.scrub.text(e.Message), Fix: e.Fix})
		}
	case "fatal":
		l.fatal = &FatalError{Kind: e.Kind, Message: s.scrub.text(e.Message)}
	}
}

// bury kills a worker and waits until its parent has said that it died. It returns when that or the life is over.
func (l *lifeLog) bury(w *worker) {
	killProcess(w.pid)
	for deadline := time.Now().Add(l.server.timing.burial); l.server.pool.has(w); {
		select {
		case <-l.probing.Done():
			return
		case <-time.After(l.server.timing.probe):
		}
		if time.Now().After(deadline) {
			select {
			case <-l.probing.Done():
			case l.unburied <- w:
			}
			return
		}
	}
}

func (l *lifeLog) phase(e event) {
	s, log := l.server, l.server.options.Log
	stopping := s.state.status().Phase == PhaseStopping
	switch e.Phase {
	case "migrating":
		l.migrates = !e.Waiting // for another process is nothing that has to be finished
	case "migrated":
		s.state.has(l.latest)
		log.Info("the database's schema is up to date", "seconds", e.Seconds)
		l.migrates = false
	case "rehearsing", "serving":
		l.migrates = false
	}
	if stopping {
		return
	}
	switch e.Phase {
	case "database":
		if e.Reason == "" {
			s.state.set(PhaseDatabase, "")
			return
		}
		s.state.set(PhaseDatabase, "for at most "+more(e.Left))
		if time.Since(l.countdown) >= s.timing.countdown {
			l.countdown = time.Now()
			log.Warn(fmt.Sprintf("waiting for the database at %s, %d s left: %s",
				s.scrub.text(e.Endpoint), e.Left, s.scrub.text(e.Reason)))
		}
	case "migrating":
		switch {
		case e.Waiting:
			s.state.set(PhaseMigrating, "another process is at it")
			log.Info("waiting for another process that is changing the database's schema", "holder", s.scrub.text(e.Reason))
		case e.Step > 0:
			s.state.set(PhaseMigrating, fmt.Sprintf("step %d of %d", e.Step, e.Steps))
			s.state.at(e.Step, e.Steps)
			if e.Step == e.Steps || time.Since(l.step) >= s.timing.step {
				l.step = time.Now()
				log.Info("upgrading the database's schema", "step", e.Step, "of", e.Steps)
			}
		case e.Found == "":
			s.state.set(PhaseMigrating, "")
			s.state.at(0, e.Steps)
			log.Info("creating the database's schema", "steps", e.Steps)
		default:
			s.state.set(PhaseMigrating, "")
			s.state.at(0, e.Steps)
			log.Info("upgrading the database's schema", "from", e.Found, "steps", e.Steps)
		}
	case "blocked":
		s.state.set(PhaseMigrating, "a table is in use")
		log.Warn("a table that is to be changed is in use, waiting for it", "by", s.scrub.text(e.Reason))
	case "copied":
		log.Info("the database was copied before the upgrade", "copy", e.Reason)
	case "importing":
		s.state.set(PhaseImporting, "")
	case "rehearsing", "serving":
		s.state.set(PhaseOpening, "")
	}
}

func (l *lifeLog) outcome(readyAt time.Time) outcome {
	o := outcome{fatal: l.fatal, err: l.reason}
	if o.err == nil {
		o.err = l.child.ended()
	}
	if !readyAt.IsZero() {
		o.readyFor = max(time.Since(readyAt), 1)
		if l.child.exitCode() == exitWorkersDie {
			o.readyFor = 1 // however long workers went on dying: that was no steady life
		}
	}
	return o
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

// more is a number of further seconds, for people who wait: to the minute where there are many.
func more(seconds int) string {
	switch {
	case seconds == 1:
		return "1 more second"
	case seconds < 120:
		return fmt.Sprintf("%d more seconds", seconds)
	}
	return fmt.Sprintf("%d more minutes", (seconds+59)/60)
}

package tracking

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

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
	case "looking":
		if s.looking != nil {
			s.looking(e.Check)
		}
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
	if !l.server.pool.has(w) {
		return // its process may be another one by now
	}
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

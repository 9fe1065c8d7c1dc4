package tracking

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// healthPath is answered by a worker's event loop alone: it needs no thread and asks no database, so that a probe never
// wakes one up.
const healthPath = "/health"

// standstillHeader is in that answer when all threads of the worker are busy, calls wait for one, and none has ended for so
// many seconds (mlflow_serve/standstill.py).
const standstillHeader = "X-MLflow-Server-Standstill"

// watchHealth kills a worker that accepts requests and answers none, as one does whose event loop is blocked or whose
// threads all are. Its parent replaces it like any other that died. It returns when the worker is gone or the context ends.
func (s *Server) watchHealth(ctx context.Context, w *worker, bury func(*worker)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.timing.pulse):
		}
		if !s.pool.has(w) {
			return
		}
		probe, cancel := context.WithTimeout(ctx, s.timing.hung)
		_, header, err := s.pool.ask(probe, w, healthPath)
		cancel()
		if stands := standstill(header); stands >= s.timing.stuck && s.pool.has(w) {
			s.options.Log.Warn("worker has ended no call for long though others wait, and is killed", "worker", w.index, "pid", w.pid, "for", stands)
			s.pool.condemn(w, "all its threads were stuck")
			bury(w)
		}
		if errors.Is(err, context.DeadlineExceeded) && s.pool.has(w) {
			s.options.Log.Warn("worker does not answer and is killed", "worker", w.index, "pid", w.pid, "for", s.timing.hung)
			s.pool.condemn(w, "it did not answer")
			bury(w)
		}
	}
}

// standstill is what the answer to a health check says about one, 0 when there is none.
func standstill(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get(standstillHeader))
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// watchBirth kills a worker that has not become ready long after another one has: what keeps it is its own, and not the
// database, for which all would wait. It returns when the worker is ready or gone, or the context ends.
func (s *Server) watchBirth(ctx context.Context, w *worker, bury func(*worker)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.timing.birth):
		}
		if s.pool.wasReady(w) || !s.pool.has(w) {
			return
		}
		if s.pool.anyReady() {
			s.options.Log.Warn("worker does not become ready and is killed", "worker", w.index, "pid", w.pid, "for", s.timing.birth)
			s.pool.condemn(w, "it did not become ready")
			bury(w)
			return
		}
	}
}

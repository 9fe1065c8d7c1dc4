package tracking

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

// growth is what has been done about memory, over all lives of the child: a worker that serves alone is the child.
type growth struct {
	mu       sync.Mutex
	replaced map[int]bool // by index
	off      bool
}

// watchMemory reads what the workers take and replaces, one at a time, those that take more than their share: Python's
// memory does not come back, and a dyno or container that exceeds its limit loses everything at once.
func (s *Server) watchMemory(ctx context.Context, bury func(*worker)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.timing.weigh):
		}
		for _, w := range s.pool.all() {
			memory := Memory(w.pid)
			s.pool.weighed(w, memory)
			if share := s.options.WorkerMemory; share > 0 && memory > share && s.pool.allReady() && ctx.Err() == nil {
				s.overShare(ctx, w, bury, []any{"worker", w.index, "pid", w.pid, "mb", memory >> 20, "share_mb", share >> 20})
			}
		}
	}
}

// overShare replaces a worker, unless its predecessor was replaced as well and it has not had the time to grow: a share
// that a new worker exceeds would have workers replaced for ever. It is said once, and no more are replaced.
func (s *Server) overShare(ctx context.Context, w *worker, bury func(*worker), what []any) {
	g, log := &s.growth, s.options.Log
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.off:
	case g.replaced[w.index] && time.Since(w.born) < s.timing.fresh:
		g.off = true
		log.Warn("a new worker takes more memory than its share already, so that no more are replaced; "+
			"set MLFLOW_WORKER_MEMORY_MB higher, or give the server more memory or fewer workers", what...)
	case s.dismiss(ctx, w):
		log.Info("worker takes more memory than its share and is replaced", what...)
		g.replaced[w.index] = true
		bury(w)
	case ctx.Err() == nil && !w.waited:
		w.waited = true
		log.Warn("the only worker takes more memory than its share and will be replaced in a moment without requests", what...)
	}
}

// dismiss lets a worker go when it has answered what it has: what it has acknowledged is in the database, so nothing is
// lost. Others take the new requests meanwhile, and what lasts longer than timing.retire is cut off. A worker that is
// alone gets them, and stays unless a moment without any comes so soon.
func (s *Server) dismiss(ctx context.Context, w *worker) bool {
	for deadline := time.Now().Add(s.timing.retire); ; {
		late := time.Now().After(deadline)
		if s.pool.dismiss(w, late) {
			return true
		}
		if late {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(s.timing.probe):
		}
	}
}

// Memory is what a process takes, in bytes: its own memory and its part of what it shares with others (proportional set
// size, proc_pid_smaps(5)). It is 0 where that cannot be read.
func Memory(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte("Pss:")); ok {
			kb, _ := strconv.ParseInt(string(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte(" kB"))), 10, 64)
			return kb << 10
		}
	}
	return 0
}

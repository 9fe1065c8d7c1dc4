package tracking

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// growth is what has been done about memory, over all lives of the child: a worker that serves alone is the child.
type growth struct {
	mu       sync.Mutex
	replaced map[int]bool      // by index
	rests    map[int]time.Time // none of this index is replaced before
}

// weight is a worker and what it takes, in bytes.
type weight struct {
	*worker
	memory int64
}

// watchMemory reads what the workers take and replaces, one at a time, those that take more than their share, and the
// largest when all processes together take too much: workers that grow evenly get there before any of them has used up a
// share, which has room for one that grows alone. Python's memory does not come back, and a dyno or container that exceeds
// its limit loses everything at once. It ends when requests are drained: who is answering then has to go on.
func (s *Server) watchMemory(ctx context.Context, bury func(*worker)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.options.Draining:
			return
		case <-time.After(s.timing.weigh):
		}
		workers, total := s.weigh()
		replaced := false
		for _, w := range workers {
			if share := s.options.WorkerMemory; share > 0 && w.memory > share {
				replaced = s.replace(ctx, w, overShare, bury, "mb", w.memory>>20, "share_mb", share>>20) || replaced
			}
		}
		if most := s.options.TotalMemory; most > 0 && total > most && len(workers) > 0 && !replaced {
			largest := slices.MaxFunc(workers, func(a, b weight) int { return cmp.Compare(a.memory, b.memory) })
			s.replace(ctx, largest, overAll, bury, "mb", largest.memory>>20, "all_mb", total>>20, "at_most_mb", most>>20)
		}
	}
}

// weigh reads what each worker takes, and what these, their parent and the launcher take together.
func (s *Server) weigh() (workers []weight, total int64) {
	total = Memory(os.Getpid())
	parent := s.state.status().PID
	for _, w := range s.pool.all() {
		memory := Memory(w.pid)
		s.pool.weighed(w, memory)
		workers = append(workers, weight{w, memory})
		total += memory
		if w.pid == parent { // it serves alone
			parent = 0
		}
	}
	if parent > 0 {
		total += Memory(parent)
	}
	return workers, total
}

// excess is a reason to replace a worker, in the words that say so.
type excess struct {
	doom, replaced, new string
}

var (
	overShare = excess{
		doom:     "it took more memory than its share",
		replaced: "worker takes more memory than its share and is replaced",
		new: "a new worker takes more memory than its share already, so that it is not replaced for a while; " +
			"set MLFLOW_WORKER_MEMORY_MB higher, or give the server more memory or fewer workers",
	}
	overAll = excess{
		doom:     "it was the largest when memory ran short",
		replaced: "all processes together take nearly all of the memory, and the largest worker is replaced",
		new: "all processes together take nearly all of the memory although the largest worker is new, so that it is not " +
			"replaced for a while; give the server more memory or fewer workers",
	}
)

// replace replaces a worker, unless its predecessor was replaced as well and it has not had the time to grow: a limit
// that a new worker exceeds would have workers replaced for ever. That is said, and this one is left alone for a while.
func (s *Server) replace(ctx context.Context, w weight, why excess, bury func(*worker), what ...any) bool {
	g, log := &s.growth, s.options.Log
	if ctx.Err() != nil || !s.pool.allReady() || !s.pool.has(w.worker) {
		return false // one at a time
	}
	what = append([]any{"worker", w.index, "pid", w.pid}, what...)
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case time.Now().Before(g.rests[w.index]):
	case g.replaced[w.index] && time.Since(w.born) < s.timing.fresh:
		g.rests[w.index] = time.Now().Add(s.timing.rest)
		log.Warn(why.new, what...)
	case s.dismiss(ctx, w.worker, why.doom):
		log.Info(why.replaced, what...)
		g.replaced[w.index] = true
		bury(w.worker)
		return true
	case ctx.Err() == nil && s.pool.has(w.worker) && !w.waited:
		w.waited = true
		log.Warn("the only worker that answers takes more memory than it may and will be replaced in a moment without requests", what...)
	}
	return false
}

// dismiss lets a worker go when it has answered what it has: what it has acknowledged is in the database, so nothing is
// lost. Others take the new requests meanwhile, and what lasts longer than timing.retire is cut off. A worker that is
// alone gets them, and stays unless a moment without any comes so soon.
func (s *Server) dismiss(ctx context.Context, w *worker, why string) bool {
	for deadline := time.Now().Add(s.timing.retire); ; {
		late := time.Now().After(deadline)
		if s.pool.dismiss(w, late, why) {
			return true
		}
		if late || !s.pool.has(w) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-s.options.Draining:
			s.pool.keep(w)
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

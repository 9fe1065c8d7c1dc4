package tracking

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"
)

// watchMemory reads what the workers take and replaces, one at a time, those that take more than their share: Python's
// memory does not come back, and a dyno or container that exceeds its limit loses everything at once.
func (s *Server) watchMemory(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.timing.weigh):
		}
		for _, w := range s.pool.all() {
			memory := Memory(w.pid)
			s.pool.weighed(w, memory)
			share := s.options.WorkerMemory
			if share > 0 && memory > share && s.pool.allReady() {
				s.options.Log.Info("worker takes more memory than its share and is replaced", "worker", w.index, "pid", w.pid,
					"mb", memory>>20, "share_mb", share>>20)
				s.retire(ctx, w)
			}
		}
	}
}

// retire ends a worker when it has answered what it has: what it has acknowledged is in the database, so nothing is
// lost. Others take the new requests meanwhile; a worker that is alone gets them until a moment comes without any.
func (s *Server) retire(ctx context.Context, w *worker) {
	deadline := time.Now().Add(s.timing.retire)
	for !s.pool.dismiss(w, time.Now().After(deadline)) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.timing.probe):
		}
	}
	killProcess(w.pid)
	for s.pool.has(w) { // until its death has been noticed: the next one's turn comes after that
		select {
		case <-ctx.Done():
			return
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

package fasttrack

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// written is what a queue has its transactions do: they note what they have and end when they are told to.
type written struct {
	mu     sync.Mutex
	groups [][]string // the runs of each transaction
	takes  time.Duration
}

func (w *written) write(group []*job) {
	var runs []string
	for _, j := range group {
		runs = append(runs, j.run)
	}
	w.mu.Lock()
	w.groups = append(w.groups, runs)
	w.mu.Unlock()
	time.Sleep(w.takes)
	for _, j := range group {
		j.result <- true
	}
}

func (w *written) are(t *testing.T, want ...int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.groups) != len(want) {
		t.Fatalf("transactions %v, not of the sizes %v", w.groups, want)
	}
	for n, group := range w.groups {
		if len(group) != want[n] {
			t.Fatalf("transactions %v, not of the sizes %v", w.groups, want)
		}
	}
}

// send has a queue do jobs, all at once, and returns when they wait or are under way.
func send(t *testing.T, u *queue, done *sync.WaitGroup, jobs ...*job) {
	t.Helper()
	for _, j := range jobs {
		done.Go(func() {
			if !u.do(t.Context(), j) {
				t.Errorf("a job of run %s is not done", j.run)
			}
		})
		synctest.Wait()
	}
}

func rows(run string, n int) *job { return &job{run: run, metrics: make([]metric, n)} }

func TestWhatComesMeanwhileSharesTheNextTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &written{takes: stagger / 2}
		u := newQueue(t.Context(), 4, w.write)
		var done sync.WaitGroup
		send(t, u, &done, rows("a", 1), rows("b", 1), rows("c", 1), rows("b", 1), rows("a", 1))
		done.Wait()
		w.are(t, 1, 4)
	})
}

func TestASlowDatabaseGetsMoreTransactionsAtOnceUpToAllConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &written{takes: time.Hour}
		u := newQueue(t.Context(), 2, w.write)
		var done sync.WaitGroup
		send(t, u, &done, rows("a", 1), rows("b", 1))
		w.are(t, 1)
		time.Sleep(stagger)
		synctest.Wait()
		w.are(t, 1, 1)
		send(t, u, &done, rows("c", 1), rows("d", 1))
		time.Sleep(time.Minute)
		w.are(t, 1, 1)
		done.Wait()
		w.are(t, 1, 1, 2)
	})
}

func TestARunIsInOneTransactionAtATimeAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &written{takes: time.Hour}
		u := newQueue(t.Context(), 4, w.write)
		var done sync.WaitGroup
		send(t, u, &done, rows("stuck", 1), rows("stuck", 1), rows("free", 1))
		time.Sleep(time.Minute) // no row that somebody holds holds others up
		w.are(t, 1, 1)
		w.mu.Lock()
		if w.groups[1][0] != "free" {
			t.Errorf("%v", w.groups)
		}
		w.mu.Unlock()
		done.Wait()
		w.are(t, 1, 1, 1)
	})
}

func TestNothingOvertakesACallOfItsRunThatDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &written{takes: stagger / 2}
		u := newQueue(t.Context(), 4, w.write)
		alone := rows("b", 0)
		alone.alone = func(context.Context) (bool, error) { return true, nil }
		var done sync.WaitGroup
		send(t, u, &done, rows("a", 1), rows("a", mostRows-1), rows("b", 2), rows("b", 1), rows("c", 1), alone, rows("c", 1))
		done.Wait()
		// The second has a's rows and c's first, the third what was too large, the fourth the one that shares with none.
		w.are(t, 1, 2, 3, 1)
	})
}

func TestWhatWaitsWhenTheRoomEndsIsMLflows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		w := &written{takes: time.Second}
		u := newQueue(ctx, 1, w.write)
		var done sync.WaitGroup
		send(t, u, &done, rows("a", 1))
		done.Go(func() {
			if u.do(t.Context(), rows("b", 1)) {
				t.Error("a job was done after the end")
			}
		})
		synctest.Wait()
		end()
		done.Wait()
		w.are(t, 1)
	})
}

func TestWhoLeavesBeforeTheWorkBeginsIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &written{takes: time.Second}
		u := newQueue(t.Context(), 1, w.write)
		ctx, leave := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() {
			if !u.do(ctx, rows("a", 1)) { // under way: it is waited for
				t.Error("what was begun is not done")
			}
		})
		synctest.Wait()
		done.Go(func() {
			if u.do(ctx, rows("b", 1)) {
				t.Error("what was left is done")
			}
		})
		synctest.Wait()
		leave()
		synctest.Wait()
		send(t, u, &done, rows("c", 1))
		done.Wait()
		w.are(t, 1, 1)
		if w.groups[1][0] != "c" {
			t.Errorf("%v", w.groups)
		}
	})
}

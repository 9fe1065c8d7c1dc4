package fasttrack

import (
	"context"
	"slices"
	"sync"
	"time"
)

// queue decides which metrics are written together. While one transaction is under way, what comes waits and shares the next
// one: that is what makes many clients fast, a transaction of ten calls costs little more than one of one. When the
// database takes longer than stagger for a transaction, the next one does not wait for it but takes another connection.
//
// No run is in two transactions at once, so that calls for one run never wait for each other in the database, and a row that
// somebody else keeps locked holds up no more than the runs that were written with it.
type queue struct {
	ctx   context.Context // of the room
	most  int             // transactions at once
	write func([]*job)    // in one transaction; answers all jobs

	mu      sync.Mutex
	waiting []*job
	busy    map[string]bool // runs that are being written to
	running int             // transactions
	last    time.Time       // when one began
	alarm   *time.Timer     // begins another one
}

// job is the metrics of one call, or the whole of a call that has more to write.
type job struct {
	run     string
	metrics []metric
	alone   func(context.Context) (bool, error) // in a transaction of its own; nil shares one
	result  chan bool                           // whether it is done; otherwise it is MLflow's
}

const (
	// A transaction takes calls as long as it has fewer rows than mostRows: the largest batch that MLflow allows is as many,
	// and others wait for it.
	mostRows = 1000
	mostJobs = 256
	// stagger is how long after the last one a transaction begins beside it. A few metrics take a database nearby less,
	// batches of a hundred take it more and gain from several connections.
	stagger = 2 * time.Millisecond
)

func newQueue(ctx context.Context, most int, write func([]*job)) *queue {
	return &queue{ctx: ctx, most: most, write: write, busy: map[string]bool{}}
}

// do waits until a job is done. It reports false when the job is MLflow's, or nobody's because its client has left before it
// was begun.
func (u *queue) do(ctx context.Context, j *job) bool {
	j.result = make(chan bool, 1)
	u.mu.Lock()
	u.waiting = append(u.waiting, j)
	u.begin()
	u.mu.Unlock()
	select {
	case ok := <-j.result:
		return ok
	case <-ctx.Done():
		// What is under way ends soon or fails; leaving that would only make MLflow do it again.
		return !u.leave(j) && <-j.result
	}
}

// leave takes a job that still waits out of the queue.
func (u *queue) leave(j *job) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := slices.Index(u.waiting, j)
	if n < 0 {
		return false
	}
	u.waiting = slices.Delete(u.waiting, n, n+1)
	return true
}

// begin begins transactions, or sees to it that it is called again. The caller holds the lock.
func (u *queue) begin() {
	if u.ctx.Err() != nil {
		for _, j := range u.waiting {
			j.result <- false
		}
		u.waiting = nil
		return
	}
	if len(u.waiting) == 0 || u.running >= u.most {
		return
	}
	if early := stagger - time.Since(u.last); u.running > 0 && early > 0 {
		if u.alarm == nil {
			u.alarm = time.AfterFunc(early, func() {
				u.mu.Lock()
				defer u.mu.Unlock()
				u.alarm = nil
				u.begin()
			})
		}
		return
	}
	group := u.gather()
	if len(group) == 0 {
		return // until one of their runs is free
	}
	u.running++
	u.last = time.Now()
	for _, j := range group {
		u.busy[j.run] = true
	}
	go func() {
		u.write(group)
		u.mu.Lock()
		defer u.mu.Unlock()
		u.running--
		for _, j := range group {
			delete(u.busy, j.run)
		}
		u.begin()
	}()
}

// gather takes what may be written together, in the order in which it came.
func (u *queue) gather() (group []*job) {
	rows, passed := 0, map[string]bool{}
	rest := u.waiting[:0]
	for _, j := range u.waiting {
		switch {
		case u.busy[j.run], passed[j.run],
			len(group) >= mostJobs,
			len(group) > 0 && (j.alone != nil || group[0].alone != nil || rows+len(j.metrics) > mostRows):
			passed[j.run] = true // nothing of a run overtakes what came before
			rest = append(rest, j)
		default:
			group = append(group, j)
			rows += len(j.metrics)
		}
	}
	clear(u.waiting[len(rest):])
	u.waiting = rest
	return group
}

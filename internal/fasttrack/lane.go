package fasttrack

import (
	"context"
	"hash/maphash"
	"sync"

	"github.com/jackc/pgx/v5"
)

// lane is one connection's worth of writing metrics. All metrics of a run go through the same lane, one transaction after
// the other, so that calls for one run never wait for each other in the database; and what has come while one
// transaction was under way shares the next one. That is what makes many clients fast on few connections.
type lane struct {
	queue chan *job
	done  sync.WaitGroup
}

// job is the metrics of one call, or the whole of a call that has more to write.
type job struct {
	run     string
	metrics []metric
	alone   func(context.Context) (bool, error) // in a transaction of its own; nil shares one
	result  chan bool                           // whether it is done; otherwise it is MLflow's
}

// A transaction takes calls as long as it has fewer rows than mostRows: the largest batch that MLflow allows is as many,
// and others wait for it.
const (
	mostRows = 1000
	mostJobs = 256
)

func (r *Room) startLanes(n int) {
	for range n {
		l := &lane{queue: make(chan *job)}
		r.lanes = append(r.lanes, l)
		l.done.Go(func() { r.work(l) })
	}
}

func (r *Room) stopLanes() {
	for _, l := range r.lanes {
		l.done.Wait()
	}
}

var seed = maphash.MakeSeed()

// write hands a job to its run's lane and waits until it is done. It reports false when the job is MLflow's.
func (r *Room) write(ctx context.Context, j *job) bool {
	j.result = make(chan bool, 1)
	l := r.lanes[maphash.String(seed, j.run)%uint64(len(r.lanes))]
	select {
	case l.queue <- j:
	case <-ctx.Done():
		return false
	case <-r.ctx.Done():
		return false
	}
	// The work is under way and ends soon or fails; leaving now would only make MLflow do it again.
	return <-j.result
}

func (r *Room) work(l *lane) {
	var next *job // what did not fit into the last transaction
	for {
		j := next
		next = nil
		if j == nil {
			select {
			case j = <-l.queue:
			case <-r.ctx.Done():
				return
			}
		}
		if j.alone != nil {
			ok, err := j.alone(r.ctx)
			if err != nil {
				r.failed("runs/log-batch", err)
			}
			j.result <- ok && err == nil
			continue
		}
		var group []*job
		group, next = l.gather(j)
		r.writeTogether(group)
	}
}

// gather takes what waits already. What cannot join comes back as next.
func (l *lane) gather(first *job) (group []*job, next *job) {
	group = []*job{first}
	for rows := len(first.metrics); rows < mostRows && len(group) < mostJobs; {
		select {
		case j := <-l.queue:
			if j.alone != nil || rows+len(j.metrics) > mostRows {
				return group, j
			}
			group = append(group, j)
			rows += len(j.metrics)
		default:
			return group, nil
		}
	}
	return group, nil
}

// writeTogether writes the metrics of several calls in one transaction. When that fails, all of them are MLflow's.
func (r *Room) writeTogether(group []*job) {
	metrics := group[0].metrics
	if len(group) > 1 {
		metrics = nil
		for _, j := range group {
			metrics = append(metrics, j.metrics...)
		}
	}
	active := make(map[string]bool, len(group))
	var runs []string
	for _, j := range group {
		if _, there := active[j.run]; !there {
			active[j.run] = false
			runs = append(runs, j.run)
		}
	}
	var b pgx.Batch
	queueMetrics(&b, runs, metrics, func(run string) { active[run] = true })
	err := r.pool.SendBatch(r.ctx, &b).Close()
	if err != nil {
		r.failed("runs/log-metric", err)
	}
	for _, j := range group {
		j.result <- err == nil && active[j.run]
	}
}

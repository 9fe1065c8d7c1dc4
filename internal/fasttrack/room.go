package fasttrack

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"

	"mlflow-server/internal/gate"
)

// Options are what a room is made of.
type Options struct {
	// Off says in words why the room shall not answer anything; empty lets it.
	Off string
	// URI is MLflow's backend store, for SQLAlchemy.
	URI string
	// Connections is how many the room may have to the database; see [Connections].
	Connections int
	// Idle is how long a connection may be unused before it is closed; 0 keeps it.
	Idle time.Duration
	// Log receives the reasons when the database fails.
	Log *slog.Logger
}

// Room is a gate.Room. It is off until Begin finds that it may be on.
type Room struct {
	log    *slog.Logger
	calls  map[string]*call // by what follows /mlflow/ in the path
	pool   *pgxpool.Pool    // nil in a room that stays off
	ctx    context.Context  // ends with the room
	end    context.CancelFunc
	queue  *queue
	bodies *semaphore.Weighted
	texts  *semaphore.Weighted // answers that are read from the database and not yet sent
	pooler pooler

	state  atomic.Pointer[State]
	paused atomic.Int64 // until when, in Unix nanoseconds, everything goes to MLflow
	warned atomic.Int64 // when a failure was last logged
}

// table has a fresh count for each call.
func table() map[string]*call {
	return map[string]*call{
		"runs/log-metric":     {answer: (*Room).logMetric, post: true},
		"runs/log-batch":      {answer: (*Room).logBatch, post: true},
		"runs/log-parameter":  {answer: (*Room).logParameter, post: true},
		"runs/set-tag":        {answer: (*Room).setTag, post: true},
		"runs/create":         {answer: (*Room).createRun, post: true},
		"runs/update":         {answer: (*Room).updateRun, post: true},
		"runs/get":            {answer: (*Room).getRun, get: true},
		"runs/search":         {answer: (*Room).searchRuns, post: true},
		"experiments/search":  {answer: (*Room).searchExperiments, get: true, post: true},
		"metrics/get-history": {answer: (*Room).getHistory, get: true},
	}
}

// Count is how often a call was answered here, and how often it was MLflow's after a look at it.
type Count struct{ Native, Handed int64 }

// Counts has one for each call, by what follows /mlflow/ in the path.
func (r *Room) Counts() map[string]Count {
	all := make(map[string]Count, len(r.calls))
	for name, c := range r.calls {
		all[name] = Count{Native: c.native.Load(), Handed: c.handed.Load()}
	}
	return all
}

// State says whether a room answers.
type State struct {
	On bool
	// Why is the reason, in words for people: no secret is in it.
	Why string
}

// call is one kind of request.
type call struct {
	answer    func(*Room, *request) bool // false hands the request to MLflow; no answer has been written then
	get, post bool                       // the methods it comes with; a GET has no body

	native, handed atomic.Int64
}

const (
	// maxBody is the largest body that is looked at, in bytes; MLflow's client keeps batches below 1 MB.
	maxBody = 2 << 20
	// allBodies bounds the bodies that are held at once, in bytes: whoever comes later waits, and the rest of the body with
	// the sender.
	allBodies = 32 << 20
	// leastBody is what the smallest body counts for.
	leastBody = 4 << 10
	// pause is how long everything goes to MLflow after a connection has failed: a second failure would cost each caller
	// the wait for the first.
	pause = 5 * time.Second
)

// New makes a room. It connects to nothing before the first request that it answers.
func New(o Options) *Room {
	r := &Room{log: o.Log, calls: table(), bodies: semaphore.NewWeighted(allBodies), texts: semaphore.NewWeighted(allAnswers)}
	r.ctx, r.end = context.WithCancel(context.Background())
	r.state.Store(&State{Why: "MLflow is not ready yet"})
	if o.Off == "" {
		pool, err := open(r.ctx, o, &r.pooler)
		if err == nil {
			r.pool = pool
			r.queue = newQueue(r.ctx, o.Connections, r.writeGroup)
			return r
		}
		o.Off = err.Error()
	}
	r.state.Store(&State{Why: o.Off})
	return r
}

// Begin is told what runs behind the gate, as soon as it is ready, and decides. locked says that it is the MLflow of this
// release's lock, revision which schema its database has.
func (r *Room) Begin(version string, locked bool, revision string) State {
	if r.pool == nil {
		return *r.state.Load()
	}
	s := State{On: true, Why: "the database's schema is the one that this release was proven against (" + proven.Revision + ")"}
	switch {
	case !locked || version != proven.MLflow:
		s = State{Why: fmt.Sprintf("MLflow %s is not the version that this release was proven against (%s)", version, proven.MLflow)}
	case revision != proven.Revision:
		s = State{Why: fmt.Sprintf("the database's schema (%s) is not the one that this release was proven against (%s)", revision, proven.Revision)}
	}
	r.state.Store(&s)
	return s
}

// State says whether the room answers, and why.
func (r *Room) State() State { return *r.state.Load() }

// Connections is how many connections to the database the room may open.
func (r *Room) Connections() int {
	if r.pool == nil {
		return 0
	}
	return int(r.pool.Config().MaxConns)
}

// Close ends what is under way: it goes to MLflow, or nowhere. Call it when nothing is in flight. It returns when the database
// has been told that its connections end, or with an error when ctx ends: a database whose network is gone while a call waits
// for it would be waited for, 15 s by pgx.
func (r *Room) Close(ctx context.Context) error {
	r.state.Store(&State{Why: "the server is stopping"})
	r.end()
	if r.pool == nil {
		return nil
	}
	done := make(chan struct{})
	go func() {
		r.pool.Close()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		select {
		case <-done:
			return nil
		default:
		}
		return fmt.Errorf("closing the connections to the database: %w", context.Cause(ctx))
	}
}

// Serves implements gate.Room.
func (r *Room) Serves(q *http.Request) bool {
	if !r.state.Load().On {
		return false
	}
	_, ok := r.find(q)
	return ok && plainHeaders(q) && r.paused.Load() < time.Now().UnixNano()
}

// ServeHTTP implements gate.Room.
func (r *Room) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	c, _ := r.find(q)
	body, late, release, ok := r.body(q)
	if !ok {
		return // the client has left
	}
	defer release()
	if late != nil {
		c.handed.Add(1)
		gate.Fallback(w, late)
		return
	}
	if c.answer(r, &request{Request: q, w: w, body: body}) {
		c.native.Add(1)
		return
	}
	c.handed.Add(1)
	gate.Fallback(w, restored(q, body))
}

// failed notes that the database did not do what it was asked for, and why: MLflow answers instead.
func (r *Room) failed(call string, err error) {
	if r.ctx.Err() != nil {
		return
	}
	now := time.Now()
	if r.pooler.betrayed(err) {
		r.pool.Reset()
	}
	if !answered(err) {
		r.paused.Store(now.Add(pause).UnixNano())
	}
	if last := r.warned.Load(); now.UnixNano()-last > int64(10*time.Second) && r.warned.CompareAndSwap(last, now.UnixNano()) {
		r.log.Warn("the database failed a call that is now MLflow's", "call", call, "error", err)
	}
}

package tracking

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"mlflow-server/internal/provision"
)

// Options say what to run and with what.
type Options struct {
	// Runtime is the Python and the MLflow to use. When it is not the locked one, MLflow's public command line is run.
	Runtime provision.Runtime
	// BackendURI is the SQLAlchemy URI of the backend store. It is a secret.
	BackendURI string
	// ArtifactURI is what MLflow calls the artifacts destination: a URI, or an absolute directory.
	ArtifactURI string
	// Directory is the child's working directory, so that whatever MLflow drops lies with the data.
	Directory string
	// Workers is how many processes answer requests; 1 when it is less.
	Workers int
	// DatabaseWait is how long a start waits for a database that does not answer.
	DatabaseWait time.Duration
	// Threads is how many calls one worker answers at a time, and Connections how many it may have to the database; 0
	// leaves each to a default.
	Threads, Connections int
	// DatabaseIdle is how long a connection to the database may be unused before it is closed; 0 keeps it.
	DatabaseIdle time.Duration
	// MigrationWait is how long a start waits for another process that changes the schema; 0 is a quarter of an hour.
	MigrationWait time.Duration
	// WorkerMemory is what one worker may take, in bytes (proportional set size), before it is replaced; 0 is any.
	WorkerMemory int64
	// TotalMemory is what the launcher, the workers and their parent may take together, in bytes, before the largest worker
	// is replaced; 0 is any.
	TotalMemory int64
	// Draining, when it is closed, says that no new requests come and that those in flight are being finished; nil never is.
	Draining <-chan struct{}
	// Gateway has MLflow's gateway, and what else runs models in the server, loaded with it.
	Gateway bool
	// Jobs runs MLflow's own command line, which starts its job runners, instead of workers alone.
	Jobs bool
	// StopTimeout is how long the child may take to stop before it is killed.
	StopTimeout time.Duration
	// FinishMigration is how long a migration that is under way when the end is asked for may take before it is killed; not
	// every database can take back half of one. 0 is StopTimeout.
	FinishMigration time.Duration
	// Forced, when it is closed, has the child killed at the end without waiting for anything; nil never is.
	Forced <-chan struct{}
	// Environ is the launcher's environment; the child gets it without what is the gate's alone.
	Environ []string
	// Log takes the story of the child; nil discards it.
	Log *slog.Logger
	// Output takes the child's own output, line by line and prefixed; nil discards it.
	Output io.Writer
}

// defaultThreads is as many calls as SQLAlchemy's default pool has connections for without opening some for one call.
const defaultThreads = 5

// Server is MLflow as a child process. It is an http.RoundTripper.
type Server struct {
	options Options
	scrub   *scrubber
	state   state
	pool    *pool
	turns   turns
	timing  timing
	growth  growth

	task    task
	found   func(Finding)      // gets what an examination finds
	looking func(check string) // gets what it looks at next
}

// task is what a child is started for.
type task string

const (
	taskServe      task = "serve"
	taskMigrate    task = "migrate"     // it ends when the schema is up to date
	taskExamine    task = "examine"     // it ends when it has looked at the database
	taskExamineAll task = "examine all" // it ends when it has looked at the bucket as well
)

// timing holds what tests shorten.
type timing struct {
	backoff     backoff
	ready       time.Duration // from the import's start, or a migration's end, to the first answer
	never       time.Duration // not ready for so long, a start that fails is the last one
	stable      time.Duration // ready for so long, the next start comes without a pause
	settled     time.Duration // ready for so long, an end does not count as one of a crash loop
	probe       time.Duration // between two readiness probes
	maxFailed   int           // starts in a row that never became ready
	countdown   time.Duration // between two log lines that wait for the database
	step        time.Duration // between two log lines that tell how far an upgrade is
	killSettle  time.Duration // for the kernel to reap a killed group
	lastWords   time.Duration // for what an ended child has said to be read; others may hold its output open
	maxUnsteady int           // lives in a row that ended before they had settled
	pulse       time.Duration // between two looks at a worker's health
	hung        time.Duration // a worker that has not answered for so long is killed
	stuck       time.Duration // a worker of which no thread has ended a call for so long, while calls wait, is killed
	birth       time.Duration // one that is not ready after so long is killed, if another one is
	weigh       time.Duration // between two looks at the workers' memory
	retire      time.Duration // for a worker that is to be replaced to finish what it answers
	fresh       time.Duration // a successor that is over its share so soon was so from its start
	rest        time.Duration // for which such a one is left alone
	burial      time.Duration // for the parent to notice that a worker was killed
}

var defaultTiming = timing{
	backoff:     backoff{first: 500 * time.Millisecond, most: 30 * time.Second},
	ready:       5 * time.Minute,
	never:       10 * time.Minute,
	stable:      10 * time.Second,
	settled:     time.Minute,
	probe:       100 * time.Millisecond,
	maxFailed:   5,
	countdown:   5 * time.Second,
	step:        time.Second,
	killSettle:  10 * time.Second,
	lastWords:   3 * time.Second,
	maxUnsteady: 10,
	pulse:       5 * time.Second,
	hung:        30 * time.Second,
	stuck:       5 * time.Minute, // long searches take minutes
	birth:       90 * time.Second,
	weigh:       30 * time.Second,
	retire:      2 * time.Minute,
	fresh:       2 * time.Minute,
	rest:        time.Hour,
	burial:      15 * time.Second,
}

// New prepares a server; nothing runs before Run. It fails when an option is missing.
func New(o Options) (*Server, error) {
	switch {
	case o.Runtime.Python == "":
		return nil, errors.New("tracking: no Python runtime given")
	case o.BackendURI == "":
		return nil, errors.New("tracking: no backend URI given")
	case o.ArtifactURI == "":
		return nil, errors.New("tracking: no artifact URI given")
	case o.Directory == "":
		return nil, errors.New("tracking: no directory given")
	}
	o.Workers = max(o.Workers, 1)
	if o.MigrationWait <= 0 {
		o.MigrationWait = 15 * time.Minute // upgrades of large databases take minutes
	}
	o.FinishMigration = max(o.FinishMigration, o.StopTimeout)
	if o.Threads < 1 {
		o.Threads = defaultThreads
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Output == nil {
		o.Output = io.Discard
	}
	s := &Server{options: o, scrub: newScrubber(o.BackendURI), pool: newPool(), turns: newTurns(o), timing: defaultTiming, task: taskServe,
		growth: growth{replaced: map[int]bool{}, rests: map[int]time.Time{}}}
	s.state.set(PhaseStarting, "")
	return s, nil
}

// Run starts MLflow and keeps it running: a child that ends is started again after a growing pause. It returns nil
// when ctx is cancelled and the child has stopped; cancel only after the requests in flight have been drained. It
// returns an error when starting again would not help: the child said why (no database, wrong password, a schema that
// is newer), or lives has had enough. No process of the child's group is left when it returns.
func (s *Server) Run(ctx context.Context) error {
	adoptOrphans()
	lives := lives{timing: s.timing, lastReady: time.Now()}
	for {
		run := s.runOnce(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case run.fatal != nil:
			return run.fatal
		}
		pause, err := lives.after(run)
		if err != nil {
			return err
		}
		s.state.restarting()
		s.options.Log.Error("MLflow ended unexpectedly, starting it again", "cause", run.err, "pause", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// Status tells what the child is doing.
func (s *Server) Status() Status {
	status := s.state.status()
	status.Workers = s.pool.workerStatus()
	if status.Phase != PhaseReady {
		return status
	}
	for _, w := range status.Workers {
		status.Ready = status.Ready || w.Ready
	}
	if !status.Ready { // every worker has died; their successors are about to answer
		status.Phase, status.Detail = PhaseRestarting, phaseText[PhaseRestarting]
	}
	return status
}

// Ready is Status().Ready without the rest, for every request.
func (s *Server) Ready() bool { return s.state.in(PhaseReady) && s.pool.anyReady() }

// RoundTrip sends the request to the worker with the fewest requests in flight, whatever the URL's scheme and host say.
// It fails with ErrNotReady as long as none is ready.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	done, err := s.turns.take(r)
	if err != nil {
		closeBody(r)
		return nil, err
	}
	defer done()
	return s.pool.roundTrip(r)
}

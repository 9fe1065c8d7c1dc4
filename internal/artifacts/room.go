package artifacts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"mlflow-server/internal/config"
	"mlflow-server/internal/gate"
)

// Options are what a Room is made of.
type Options struct {
	// Artifacts says where artifacts are and how they are served.
	Artifacts config.Artifacts
	Service   config.ArtifactService
	// Directory is for notes about what is under way, so that a start can clean up after a killed process. It is made
	// when it is missing.
	Directory string
	// MLflow is asked for the artifact URIs of runs and model versions.
	MLflow http.RoundTripper
	// OneUser says that there is nobody with whom the only user would have to share the places for transfers.
	OneUser bool
	// Log gets a line for every change; nil discards it.
	Log *slog.Logger

	transport http.RoundTripper                   // to the store, of a test that plays Amazon's S3
	observe   func(*http.Request, *http.Response) // sees the store's answers; nil for nobody
}

// Room answers MLflow's artifact routes. It is a gate.Room.
type Room struct {
	store   store
	locate  *locator
	limits  *limits
	offers  bool // of URLs with which clients reach the store directly
	log     *slog.Logger
	stop    context.Context
	cancel  context.CancelCauseFunc
	running sync.WaitGroup
	mu      sync.Mutex // guards closing against running.Add
	closing bool
}

// store is where artifacts are. Paths are those of cleanPath, relative to the store's root. Errors are failures,
// errMissing or errFolder where a client can be told what is wrong.
type store interface {
	// serve answers a GET or HEAD with a file: length, ETag, ranges, body. It has written nothing when it returns an error.
	serve(w http.ResponseWriter, r *http.Request, path string) error
	// put stores everything that body yields under dir and name: all of it or nothing.
	put(ctx context.Context, dir, name string, b *body) error
	// list returns what lies directly below path, in MLflow's order; nothing when path is missing or a file.
	list(ctx context.Context, path string) ([]entry, error)
	// remove removes path and everything below it. It is no error when nothing is there.
	remove(ctx context.Context, path string) error
	// close ends what the store does in the background.
	close()
}

// direct is a store that clients can be sent to.
type direct interface {
	presignGet(ctx context.Context, path string) (url string, size int64, err error)
	createUpload(ctx context.Context, path string, parts int) (id string, urls []string, err error)
	completeUpload(ctx context.Context, path, id string, parts []uploadedPart, allow func(size int64) error) (size int64, err error)
	abortUpload(ctx context.Context, path, id string) error
}

var (
	errMissing  = errors.New("no such artifact")
	errFolder   = errors.New("the artifact is a folder")
	errStopping = errors.New("the server is stopping")
)

// entry is one line of a listing.
type entry struct {
	path  string // from the store's root
	isDir bool
	size  int64
}

// New makes the room for a store that Service says is served natively. It opens no connection; what a killed process
// left in the store is swept in the background.
func New(o Options) (*Room, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	room := &Room{log: o.Log, limits: newLimits(o.Service, time.Now), locate: newLocator(o.MLflow)}
	room.stop, room.cancel = context.WithCancelCause(context.Background())
	if o.OneUser {
		room.limits.transfers.each = max(o.Service.MaxTransfers, 1)
	}
	var err error
	switch o.Artifacts.Kind {
	case config.S3:
		room.offers = o.Service.S3.Reachable()
		var bucket *s3Store
		if bucket, err = newS3Store(room.stop, o); err == nil {
			room.store = bucket
			go bucket.sweep(room.stop)
		}
	case config.Directory:
		room.store, err = newDirectory(o.Artifacts.Path, o.Log)
	default:
		err = fmt.Errorf("artifacts on %s are not served here", o.Artifacts.Kind)
	}
	if err != nil {
		room.cancel(nil)
		return nil, fmt.Errorf("opening the artifact store: %w", err)
	}
	return room, nil
}

// Close interrupts every transfer that is under way, takes its traces out of the store and returns when that is done or
// ctx ends. Requests that come later are refused with 503.
func (room *Room) Close(ctx context.Context) error {
	room.mu.Lock()
	room.closing = true
	room.mu.Unlock()
	room.cancel(errStopping)
	done := make(chan struct{})
	go func() {
		room.running.Wait()
		room.store.close()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("interrupting artifact transfers: %w", ctx.Err())
	}
}

// enter counts a request in, unless the room is closing.
func (room *Room) enter() bool {
	room.mu.Lock()
	defer room.mu.Unlock()
	if room.closing {
		return false
	}
	room.running.Add(1)
	return true
}

// Serves implements gate.Room.
func (room *Room) Serves(r *http.Request) bool {
	switch parse(r).action {
	case nothing:
		return false
	case multipartCreate, multipartComplete, multipartAbort, presign:
		// Without URLs of its own the directory has nothing to say here, and MLflow's refusal is the right one.
		_, ok := room.store.(direct)
		return ok
	case serverInfo:
		_, ok := room.store.(direct)
		return ok && !room.offers
	case runUpload:
		return room.limits.most > 0 || room.limits.daily > 0
	}
	return true
}

// ServeHTTP implements gate.Room.
func (room *Room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route := parse(r)
	if !room.enter() {
		commonHeaders(w.Header())
		fail(w, r, route.compact, later(errStopping, "The server is stopping"))
		return
	}
	defer room.running.Done()
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	ended := make(chan struct{})
	defer close(ended)
	defer context.AfterFunc(room.stop, func() {
		cancel(errStopping)
		interrupt(w, ended)
	})()
	r = r.WithContext(ctx)

	if room.handToMLflow(w, r, route) {
		return
	}
	commonHeaders(w.Header())
	started := time.Now()
	done, err := room.answer(w, r, route)
	room.audit(r, route, done, err, time.Since(started))
	switch {
	case errors.Is(err, errCutOff):
		panic(http.ErrAbortHandler) // the way to end an answer so that it is not complete
	case err != nil && !errors.Is(err, errAnswered):
		fail(w, r, route.compact, err)
	}
}

var (
	// errAnswered is for the log: the client has had its answer, or the beginning of one.
	errAnswered = errors.New("cut off")
	// errCutOff is the same for an answer of unknown length: only a broken connection tells the client that it is not whole.
	errCutOff = errors.New("cut off before the end")
)

// outcome is what a request has changed or sent, for the log.
type outcome struct {
	path  string
	bytes int64
}

// audit writes a line for every change, and for what failed on this side.
func (room *Room) audit(r *http.Request, route route, done outcome, err error, took time.Duration) {
	level := slog.LevelDebug
	switch route.action {
	case upload, remove, multipartCreate, multipartComplete, multipartAbort, runUpload:
		level = slog.LevelInfo
	}
	attributes := []slog.Attr{
		slog.String("action", words[route.action]), slog.String("path", done.path), slog.Int64("bytes", done.bytes),
		slog.Int64("ms", took.Milliseconds()), slog.String("user", gate.User(r)), slog.String("id", gate.RequestID(r)),
	}
	var f *failure
	switch {
	case err == nil:
	case errors.As(err, &f) && f.status < http.StatusInternalServerError:
		attributes = append(attributes, slog.String("refused", f.message))
	case r.Context().Err() != nil:
		attributes = append(attributes, slog.Any("interrupted", context.Cause(r.Context())))
	default:
		level = slog.LevelWarn
		attributes = append(attributes, slog.Any("error", err))
	}
	room.log.LogAttrs(r.Context(), level, "artifact", attributes...)
}

const (
	lastWords      = time.Second // enough for the refusal
	interruptEvery = 100 * time.Millisecond
)

// interrupt ends reads and writes of a request that wait for the client, which they do without looking at a context. It goes on
// until the request has ended: every piece that was just being read or written moves the deadline on.
func interrupt(w http.ResponseWriter, ended <-chan struct{}) {
	control := http.NewResponseController(w)
	last := time.Now().Add(lastWords)
	for {
		_ = control.SetReadDeadline(time.Now())
		_ = control.SetWriteDeadline(last)
		select {
		case <-ended:
			return
		case <-time.After(interruptEvery):
		}
	}
}

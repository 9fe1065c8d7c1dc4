package tracking

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// idleTimeout has to be shorter than uvicorn's keep-alive (mlflow_serve/application.py): who closes an idle
	// connection first cannot run into a request on it.
	idleTimeout = 90 * time.Second
	// idlePerWorker keeps a connection for every request that was in flight at once; a unix socket costs next to nothing.
	idlePerWorker = 256
	// copyBuffer is for reading and writing bodies, in bytes; the default of 4 KiB costs system calls on artifacts.
	copyBuffer = 32 << 10
	// workerHost ends the host names that stand for workers inside the transport.
	workerHost = ".worker.invalid"
)

// pool has the workers of the running child and chooses one for each request.
type pool struct {
	transport *http.Transport

	mu      sync.Mutex
	workers map[string]*worker // by host name
	made    int                // names all workers apart, so that none gets a dead one's connections
}

// worker is one process that answers requests.
type worker struct {
	host             string
	index, pid       int
	network, address string
	born             time.Time
	waited           bool // it has been said that it waits to be replaced; of watchMemory alone
	ready            bool // guarded by pool.mu, like inFlight
	inFlight         int
	memory           int64  // bytes, when it was last looked at
	doom             string // why the launcher ends it
}

func newPool() *pool {
	p := &pool{workers: map[string]*worker{}}
	p.transport = &http.Transport{
		DialContext:         p.dial,
		MaxIdleConnsPerHost: idlePerWorker,
		IdleConnTimeout:     idleTimeout,
		DisableCompression:  true, // the client's Accept-Encoding is for the client's sake
		ReadBufferSize:      copyBuffer,
		WriteBufferSize:     copyBuffer,
		// No limit for the response's headers: a search over millions of runs may think for minutes.
	}
	return p
}

// add registers a worker that listens on the address. It replaces the one of the same index.
func (p *pool) add(index, pid int, network, address string) *worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(func(w *worker) bool { return w.index == index })
	p.made++
	w := &worker{
		host: fmt.Sprintf("w%d-%d%s", index, p.made, workerHost), index: index, pid: pid, network: network, address: address,
		born: time.Now(),
	}
	p.workers[w.host] = w
	return w
}

// remove forgets a worker that has died and returns why the launcher ended it, if it did.
func (p *pool) remove(index, pid int) (doom string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(func(w *worker) bool {
		if w.index != index || w.pid != pid {
			return false
		}
		doom = w.doom
		return true
	})
	return doom
}

// condemn gives the worker no more requests, because it will be killed.
func (p *pool) condemn(w *worker, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.ready, w.doom = false, why
}

// dismiss gives the worker no more requests and tells whether it may end: it has none left, or must not be waited for
// any longer. The only worker is kept until a moment without requests.
func (p *pool) dismiss(w *worker, now bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.workers) == 1 && w.inFlight > 0 {
		return false
	}
	w.ready, w.doom = false, "it took more memory than its share"
	return w.inFlight == 0 || now
}

// all returns the workers by index.
func (p *pool) all() []*worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.SortedFunc(maps.Values(p.workers), func(a, b *worker) int { return a.index - b.index })
}

func (p *pool) allReady() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.workers {
		if !w.ready {
			return false
		}
	}
	return true
}

func (p *pool) weighed(w *worker, memory int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.memory = memory
}

// clear forgets all workers.
func (p *pool) clear() {
	p.mu.Lock()
	p.drop(func(*worker) bool { return true })
	p.mu.Unlock()
	p.transport.CloseIdleConnections()
}

func (p *pool) drop(which func(*worker) bool) {
	for host, w := range p.workers {
		if which(w) {
			w.ready = false
			delete(p.workers, host)
		}
	}
}

// markReady lets requests go to the worker, unless it has died meanwhile.
func (p *pool) markReady(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.ready = p.workers[w.host] == w
	return w.ready
}

// acquire returns the ready worker with the fewest requests in flight, counting one more, or nil.
func (p *pool) acquire() *worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	var best *worker
	for _, w := range p.workers {
		if w.ready && (best == nil || w.inFlight < best.inFlight || w.inFlight == best.inFlight && w.index < best.index) {
			best = w
		}
	}
	if best != nil {
		best.inFlight++
	}
	return best
}

func (p *pool) release(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.inFlight--
}

// anyReady says whether acquire would find a worker.
func (p *pool) anyReady() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.workers {
		if w.ready {
			return true
		}
	}
	return false
}

func (p *pool) workerStatus() []WorkerStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []WorkerStatus
	for _, w := range p.workers {
		all = append(all, WorkerStatus{Index: w.index, PID: w.pid, Ready: w.ready, InFlight: w.inFlight, Memory: w.memory})
	}
	slices.SortFunc(all, func(a, b WorkerStatus) int { return a.Index - b.Index })
	return all
}

// roundTrip sends the request to the least busy worker. The worker counts as busy until the response's body is closed.
func (p *pool) roundTrip(r *http.Request) (*http.Response, error) {
	w := p.acquire()
	if w == nil {
		if r.Body != nil {
			_ = r.Body.Close() // a RoundTripper has to, in every case
		}
		return nil, ErrNotReady
	}
	response, err := p.transport.RoundTrip(w.request(r))
	if err != nil {
		p.release(w)
		return nil, err
	}
	response.Request = r
	response.Body = &countedBody{ReadCloser: response.Body, done: sync.OnceFunc(func() { p.release(w) })}
	return response, nil
}

// request is a copy of r that goes to this worker.
func (w *worker) request(r *http.Request) *http.Request {
	copied := *r
	target := url.URL{}
	if r.URL != nil {
		target = *r.URL
	}
	target.Scheme, target.Host = "http", w.host
	copied.URL = &target
	if copied.Host == "" || strings.HasSuffix(copied.Host, workerHost) {
		copied.Host = loopbackHost
	}
	return &copied
}

// dial connects to the worker that the host name stands for.
func (p *pool) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	p.mu.Lock()
	w := p.workers[host]
	p.mu.Unlock()
	if w == nil {
		return nil, errWorkerGone
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, w.network, w.address)
}

var errWorkerGone = errors.New("the MLflow worker has ended")

// countedBody tells when the response has been read.
type countedBody struct {
	io.ReadCloser
	done func()
}

func (b *countedBody) Close() error {
	defer b.done()
	return b.ReadCloser.Close()
}

package tracking

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// pool has the workers of the running child and chooses one for each request.
type pool struct {
	transport *http.Transport

	mu      sync.Mutex
	workers map[string]*worker // by host name
	made    int                // names all workers apart, so that none gets a dead one's connections
	places  int                // how many workers there are when none is missing
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
	wasReady         bool   // it has been once
	condemned        bool   // it is about to be killed
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
	p.places = max(p.places, index+1)
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
	w.ready, w.doom, w.condemned = false, why, true
}

// dismiss gives the worker no more requests and tells whether it may end: it has none left, or must not be waited for
// any longer. One that nobody would stand in for is kept: where it is the only one, until a moment without requests; where
// the others are gone just now, until they are back.
func (p *pool) dismiss(w *worker, now bool, why string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.workers[w.host] != w || w.condemned {
		return false // it has died, or will for another reason
	}
	if !p.readyBeside(w) && (p.places > 1 || w.inFlight > 0) {
		w.ready, w.doom = true, ""
		return false
	}
	w.ready, w.doom = false, why
	return w.inFlight == 0 || now
}

// keep takes back what dismiss has begun.
func (p *pool) keep(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !w.condemned {
		w.ready, w.doom = p.workers[w.host] == w, ""
	}
}

func (p *pool) readyBeside(w *worker) bool {
	for _, other := range p.workers {
		if other != w && other.ready {
			return true
		}
	}
	return false
}

// all returns the workers by index.
func (p *pool) all() []*worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.SortedFunc(maps.Values(p.workers), func(a, b *worker) int { return a.index - b.index })
}

// allReady says that no worker is missing, nor about to be.
func (p *pool) allReady() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.workers) < p.places {
		return false
	}
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
	p.places = 0
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
	w.ready = p.workers[w.host] == w && !w.condemned
	w.wasReady = w.wasReady || w.ready
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

package tracking

import (
	"context"
	"io"
	"net/http"
	"time"
)

const (
	// readyPath opens the store and asks the database; MLflow's /health answers 200 even with a broken schema.
	readyPath = "/api/3.0/mlflow/server-info"
	// loopbackHost is a Host that MLflow's own check lets pass (mlflow/server/security_utils.py).
	loopbackHost = "127.0.0.1"
	// probeTimeout is for one probe: the first one of a worker opens the store, and a database that sleeps has to wake up.
	probeTimeout = time.Minute
)

// awaitReady asks the worker until it answers with 200 and lets requests go to it then. It returns false when the
// context ends or the worker does.
func (p *pool) awaitReady(ctx context.Context, w *worker, pause time.Duration) bool {
	for {
		if p.answers(ctx, w) {
			return p.markReady(w)
		}
		if !p.has(w) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
}

func (p *pool) answers(ctx context.Context, w *worker) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	status, _, err := p.ask(ctx, w, readyPath)
	return err == nil && status == http.StatusOK
}

// ask sends a request of our own to one worker.
func (p *pool) ask(ctx context.Context, w *worker, path string) (status int, header http.Header, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.host+path, nil)
	if err != nil {
		return 0, nil, err
	}
	response, err := p.transport.RoundTrip(w.request(request))
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, response.Header, err
}

func (p *pool) has(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.workers[w.host] == w
}

func (p *pool) wasReady(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return w.wasReady
}

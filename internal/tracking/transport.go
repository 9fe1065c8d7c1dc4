package tracking

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
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

// roundTrip sends the request to the least busy worker. The worker counts as busy until the response's body is closed.
func (p *pool) roundTrip(r *http.Request) (*http.Response, error) {
	w := p.acquire()
	if w == nil {
		closeBody(r)
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

// closeBody is what a RoundTripper has to do in every case.
func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
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

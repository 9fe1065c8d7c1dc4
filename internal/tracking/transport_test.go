package tracking

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
)

// listen serves a worker of its own on a unix socket and adds it to the pool, ready.
func listen(t *testing.T, p *pool, index int) *worker {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: fakeWorker("serves", index)}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	w := p.add(index, 100+index, "unix", path)
	if !p.markReady(w) {
		t.Fatal("a new worker is gone")
	}
	return w
}

// hold sends a request whose answer is not read to its end, and returns who answers and how to let go.
func hold(t *testing.T, p *pool) (index string, release func()) {
	t.Helper()
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/hold/", nil)
	response, err := p.roundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 1)
	if _, err := io.ReadFull(response.Body, first); err != nil {
		t.Fatal(err)
	}
	return string(first), func() {
		_ = response.Body.Close()
		_ = response.Body.Close() // counts once
	}
}

func TestRequestsGoToTheLeastBusyWorkerUntilTheirBodyIsClosed(t *testing.T) {
	p := newPool()
	defer p.clear()
	listen(t, p, 0)
	listen(t, p, 1)

	a, releaseA := hold(t, p)
	b, releaseB := hold(t, p)
	if a != "0" || b != "1" {
		t.Fatalf("two requests went to %s and %s, want 0 and 1", a, b)
	}
	c, releaseC := hold(t, p)
	if c != "0" {
		t.Errorf("with equal loads the third went to %s, want 0", c)
	}
	releaseA()
	releaseC()
	if d, release := hold(t, p); d != "0" {
		t.Errorf("with 0 idle the next went to %s", d)
	} else {
		release()
	}
	releaseB()
	for _, w := range p.workerStatus() {
		if w.InFlight != 0 {
			t.Errorf("worker %d still counts %d requests", w.Index, w.InFlight)
		}
	}
}

func TestAWorkerThatIsNotReadyGetsNoRequest(t *testing.T) {
	p := newPool()
	defer p.clear()
	listen(t, p, 0)
	p.add(1, 101, "unix", "/nowhere")
	for range 3 {
		if index, release := hold(t, p); index != "0" {
			t.Errorf("answered by %s", index)
		} else {
			defer release()
		}
	}
}

func TestADeadWorkersSuccessorIsAnotherOne(t *testing.T) {
	p := newPool()
	defer p.clear()
	old := listen(t, p, 0)
	index, release := hold(t, p)
	release()
	p.remove(0, old.pid+1)
	if len(p.workerStatus()) != 1 {
		t.Fatalf("worker %s was removed for another one's death", index)
	}
	p.remove(0, old.pid)
	if p.markReady(old) {
		t.Error("a dead worker became ready")
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/", nil)
	if _, err := p.roundTrip(request); !errors.Is(err, ErrNotReady) {
		t.Errorf("error %v, want ErrNotReady", err)
	}
	if _, err := p.transport.RoundTrip(old.request(request)); err != nil && !errors.Is(err, errWorkerGone) {
		t.Errorf("a request that was already on its way: %v", err)
	}
	successor := listen(t, p, 0)
	if successor.host == old.host {
		t.Error("the successor inherits its predecessor's connections")
	}
	if _, release := hold(t, p); true {
		release()
	}
}

func TestAFailedRequestIsNotCountedAnyMore(t *testing.T) {
	p := newPool()
	w := p.add(0, 1, "unix", "/nowhere/at/all")
	p.markReady(w)
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/", nil)
	if _, err := p.roundTrip(request); err == nil {
		t.Fatal("a worker that does not listen answers")
	}
	if n := p.workerStatus()[0].InFlight; n != 0 {
		t.Errorf("%d in flight", n)
	}
}

func TestManyRequestsAtOnceAreSpreadEvenly(t *testing.T) {
	p := newPool()
	defer p.clear()
	const workers, requests = 4, 200
	for index := range workers {
		listen(t, p, index)
	}
	var all sync.WaitGroup
	for range requests {
		all.Go(func() {
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/", nil)
			response, err := p.roundTrip(request)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		})
	}
	all.Wait()
	for _, w := range p.workerStatus() {
		if w.InFlight != 0 {
			t.Errorf("worker %d counts %d", w.Index, w.InFlight)
		}
	}
}

func TestARequestKeepsItsHostAndIsNotChanged(t *testing.T) {
	w := &worker{host: "w0-1" + workerHost}
	for _, tt := range []struct{ name, url, host, want string }{
		{"a host of its own stays", "http://somewhere/a?b=c", "127.0.0.1", "127.0.0.1"},
		{"a missing one becomes loopback", "http://w0-1" + workerHost + "/a?b=c", "", loopbackHost},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url, nil)
			request.Host = tt.host
			before := fmt.Sprint(*request.URL)
			sent := w.request(request)
			if sent.Host != tt.want || sent.URL.String() != "http://"+w.host+"/a?b=c" {
				t.Errorf("sent to %s with Host %s", sent.URL, sent.Host)
			}
			if fmt.Sprint(*request.URL) != before || request.Host != tt.host {
				t.Error("the caller's request was changed")
			}
		})
	}
}

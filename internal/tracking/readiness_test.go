package tracking

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

func TestAWorkerIsReadyWithItsFirst200(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/3.0/mlflow/server-info" || r.Host != "127.0.0.1" {
			t.Errorf("asked %s of host %s", r.URL, r.Host)
		}
		if asked.Add(1) < 4 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()

	p := newPool()
	defer p.clear()
	w := p.add(0, 1, "unix", path)
	if !p.awaitReady(t.Context(), w, time.Microsecond) || asked.Load() != 4 {
		t.Errorf("ready after %d answers, want 4", asked.Load())
	}
	if !p.workerStatus()[0].Ready {
		t.Error("it does not count as ready")
	}
}

func TestWaitingForAWorkerEnds(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		then func(*pool, *worker)
	}{
		{"with the context", cancelled, func(*pool, *worker) {}},
		{"with the worker", t.Context(), func(p *pool, w *worker) { p.remove(w.index, w.pid) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPool()
			w := p.add(0, 1, "unix", "/nowhere")
			tt.then(p, w)
			if p.awaitReady(tt.ctx, w, time.Microsecond) {
				t.Error("it became ready")
			}
		})
	}
}

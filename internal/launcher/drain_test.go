package launcher

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// drained is a server that is being stopped.
type drained struct {
	url    string
	forced chan struct{}
	done   chan struct{}
	client *http.Client
}

func startDraining(t *testing.T, limit time.Duration, h http.Handler, before func(url string, client *http.Client)) drained {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	connections := watch(server)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	d := drained{url: "http://" + listener.Addr().String(), forced: make(chan struct{}), done: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{}}}
	before(d.url, d.client)
	go func() {
		drain(server, listener, connections, limit, d.forced, slog.New(slog.DiscardHandler))
		close(d.done)
	}()
	return d
}

func (d drained) ends(t *testing.T) {
	t.Helper()
	select {
	case <-d.done:
	case <-time.After(patience):
		t.Fatal("the drain does not end")
	}
}

func TestAServerWithoutConnectionsStopsAtOnce(t *testing.T) {
	d := startDraining(t, time.Hour, http.NotFoundHandler(), func(string, *http.Client) {})
	d.ends(t)
	if _, err := http.Get(d.url); err == nil {
		t.Error("the port is still open")
	}
}

func TestARequestOnAnIdleConnectionIsStillAnswered(t *testing.T) {
	ask := func(t *testing.T, client *http.Client, url string) *http.Response {
		t.Helper()
		// A POST whose body cannot be read again is not sent a second time.
		response, err := client.Post(url, "text/plain", io.NopCloser(strings.NewReader("x")))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		return response
	}
	d := startDraining(t, time.Hour, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}), func(url string, client *http.Client) { ask(t, client, url) })
	for _, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://")); err == nil; {
		_, err = net.Dial("tcp", strings.TrimPrefix(d.url, "http://")) // until the port is closed
	}
	if response := ask(t, d.client, d.url); !response.Close {
		t.Error("the answer does not say that its connection closes")
	}
	d.ends(t)
}

func TestASecondSignalCutsOff(t *testing.T) {
	arrived := make(chan struct{})
	d := startDraining(t, time.Hour, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}), func(url string, client *http.Client) {
		ctx, cancel := context.WithCancel(context.Background())
		t.Cleanup(cancel)
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		go func() {
			if response, err := client.Do(r); err == nil {
				_ = response.Body.Close()
			}
		}()
		<-arrived
	})
	close(d.forced)
	d.ends(t)
}

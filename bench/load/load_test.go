package load

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func ask(int) Request {
	return Request{Method: "POST", Path: "/search?x=1", Body: `{"max_results": 1}`}
}

func TestAnExactNumberOfRequestsIsSentAsAsked(t *testing.T) {
	var seen, connections atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		user, password, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		if r.Method != "POST" || r.URL.String() != "/search?x=1" || r.Host != "example.test" || user != "ann" || password != "secret" ||
			string(body) != `{"max_results": 1}` || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s %s %s %s %q", r.Method, r.URL, r.Host, user, password, body)
		}
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	server := Server{Addresses: []string{s.Listener.Addr().String()}, Host: "example.test", User: "ann", Password: "secret"}
	// net/http does not use a connection again whose own goroutine was held up for 50 ms, as happens on a busy machine.
	for attempt := 1; ; attempt++ {
		seen.Store(0)
		connections.Store(0)
		r, err := Run(t.Context(), server, Options{Connections: 4, Requests: 250}, ask)
		if err != nil {
			t.Fatal(err)
		}
		if r.Requests != 250 || r.Failed != 0 || seen.Load() != 250 {
			t.Errorf("%+v; the server saw %d", r, seen.Load())
		}
		if r.PerSecond() <= 0 || r.P50 <= 0 || r.P99 < r.P50 {
			t.Errorf("%+v", r)
		}
		if connections.Load() == 4 {
			return
		}
		if attempt == 20 {
			t.Fatalf("it took %d connections, and never 4 in %d attempts", connections.Load(), attempt)
		}
	}
}

func TestEveryRequestHasItsNumber(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	var mu sync.Mutex
	numbers := map[int]bool{}
	_, err := Run(t.Context(), Server{Addresses: []string{s.Listener.Addr().String()}, Host: "h"}, Options{Connections: 3, Requests: 20},
		func(i int) Request {
			mu.Lock()
			defer mu.Unlock()
			numbers[i] = true
			return ask(i)
		})
	if err != nil || len(numbers) != 20 || !numbers[0] || !numbers[19] {
		t.Errorf("%v %v", numbers, err)
	}
}

func TestAnythingBut200IsAFailureWithItsText(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		text   string
	}{
		{"a refusal", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "who are you", http.StatusUnauthorized) }, "401 Unauthorized: who are you"},
		{"a redirect", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Location", "/"); w.WriteHeader(302) }, "302 Found"},
		{"an empty success", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "204 No Content"},
		{"a broken connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(c.answer)
			defer s.Close()
			r, err := Run(t.Context(), Server{Addresses: []string{s.Listener.Addr().String()}, Host: "h"}, Options{Connections: 1, Requests: 3}, ask)
			if err != nil {
				t.Fatal(err)
			}
			if r.Requests != 3 || r.Failed != 3 || !strings.Contains(r.Failure.Error(), c.text) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestConnectionsAreSpreadOverUnixSockets(t *testing.T) {
	dir := t.TempDir()
	var addresses []string
	seen := make([]atomic.Int64, 2)
	for i := range seen {
		path := filepath.Join(dir, string(rune('a'+i)))
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			seen[i].Add(1)
			time.Sleep(time.Millisecond) // so that one connection cannot take all requests
		})}}
		s.Start()
		defer s.Close()
		addresses = append(addresses, path)
	}
	r, err := Run(t.Context(), Server{Addresses: addresses, Host: "127.0.0.1"}, Options{Connections: 4, Requests: 100}, ask)
	if err != nil || r.Failed > 0 {
		t.Fatalf("%+v %v", r, err)
	}
	if seen[0].Load() == 0 || seen[1].Load() == 0 {
		t.Errorf("%d and %d", seen[0].Load(), seen[1].Load())
	}
}

func TestOnlyThisMachineIsAsked(t *testing.T) {
	for _, address := range []string{"192.0.2.1:80", "0.0.0.0:80", "example.test:80", "", "relative.sock"} {
		if _, err := Do(t.Context(), Server{Addresses: []string{address}, Host: "h"}, ask(0)); err == nil || !strings.Contains(err.Error(), "loopback") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// Answers every 30 ms on one connection for 300 ms after 100 ms: the one at 120 ms is the first that counts.
func TestOnlyTheWindowCounts(t *testing.T) {
	start := time.Now()
	var answers []answer
	for i := 1; i <= 20; i++ {
		answers = append(answers, answer{at: start.Add(time.Duration(i) * 30 * time.Millisecond), took: 30 * time.Millisecond})
	}
	r := count(answers, start.Add(100*time.Millisecond), start.Add(400*time.Millisecond))
	if r.Requests != 10 || r.Sent != 20 || r.Took != 300*time.Millisecond || r.P50 != 30*time.Millisecond {
		t.Errorf("%+v", r)
	}
}

func TestAWindowWithoutAnAnswerEndsWithTheLastOne(t *testing.T) {
	from := time.Now()
	var answers []answer
	for _, at := range []time.Duration{-time.Second, 3 * time.Second, 4 * time.Second} {
		answers = append(answers, answer{at: from.Add(at), took: 5 * time.Second})
	}
	r := count(answers, from, from.Add(time.Second))
	if r.Requests != 2 || r.Took != 4*time.Second {
		t.Errorf("%+v", r)
	}
}

func TestAWindowEndsByItself(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	const window = 100 * time.Millisecond
	for attempt := 1; ; attempt++ {
		r, err := Run(t.Context(), Server{Addresses: []string{s.Listener.Addr().String()}, Host: "h"},
			Options{Connections: 2, WarmUp: 10 * time.Millisecond, Window: window}, ask)
		// A window in which the machine stands still has no answer, and ends with the last one after it.
		if err == nil && r.Took > window && attempt < 20 {
			continue
		}
		if err != nil || r.Requests == 0 || r.Failed > 0 || r.Took != window {
			t.Errorf("%+v %v", r, err)
		}
		return
	}
}

func TestAnEndedContextBreaksOff(t *testing.T) {
	asked := make(chan struct{}, 10)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := Run(ctx, Server{Addresses: []string{s.Listener.Addr().String()}, Host: "h"}, Options{Connections: 1, Window: time.Hour}, ask); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestOneRequestGivesItsBody(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello "+r.Method) }))
	defer s.Close()
	body, err := Do(t.Context(), Server{Addresses: []string{s.Listener.Addr().String()}, Host: "h"}, Request{Method: "GET", Path: "/"})
	if err != nil || body != "hello GET" {
		t.Errorf("%q %v", body, err)
	}
}

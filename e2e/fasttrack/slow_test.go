package fasttrack

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// others is how long somebody else's call may take beside slow clients: much less than they may stand still.
const others = 40 * time.Second

// TestSlowClientsStarveNobody lets clients send no end of their bodies, and take nothing of their answers.
func TestSlowClientsStarveNobody(t *testing.T) {
	s := startSide(t, "true")
	createOn(t, 3, s)
	s.isOn(t)
	t.Run("bodies", func(t *testing.T) {
		for range 40 { // 2 MB of room each, of 32
			s.wire(t, "POST /api/2.0/mlflow/runs/search", "Content-Type: application/json\r\nContent-Length: 2097152\r\n\r\n{")
		}
		s.inFlight(t, 40)
		s.soon(t, call{method: "POST", path: "runs/log-metric", body: `{"run_id": "{run:0}", "key": "m", "value": 1, "timestamp": 1, "step": 1}`})
	})
	t.Run("answers", func(t *testing.T) {
		s.tag(t, 1, 700) // 5.6 MB: more than the kernel keeps for a client
		for range 8 {
			s.wire(t, "POST /api/2.0/mlflow/runs/search", "Content-Type: application/json\r\nContent-Length: 25\r\n\r\n{\"experiment_ids\": [\"0\"]}")
		}
		s.inFlight(t, 8)
		s.soon(t, call{method: "GET", path: "runs/get?run_id={run:0}"})
		s.soon(t, call{method: "POST", path: "runs/search", body: `{"experiment_ids": ["0"], "max_results": 1}`})
	})
	t.Run("answers that are too large", func(t *testing.T) {
		s.tag(t, 2, 2000)
		_, before := s.counts(t)
		memory := s.memory(t)
		for _, c := range []call{{method: "GET", path: "runs/get?run_id={run:2}"}, {method: "POST", path: "runs/search", body: `{"experiment_ids": ["0"]}`}} {
			if a := s.send(t, c); a.Status != http.StatusOK || len(a.Body) < 16_000_000 {
				t.Errorf("%s: %d, %d bytes", c.path, a.Status, len(a.Body))
			}
		}
		if _, after := s.counts(t); after["runs/get"] != before["runs/get"]+1 || after["runs/search"] != before["runs/search"]+1 {
			t.Errorf("handed on %v, before %v", after, before)
		}
		most := 64 << 10
		if harness.RaceDetector {
			most *= raced
		}
		if grown := s.memory(t) - memory; grown > most {
			t.Errorf("the launcher has grown by %d kB", grown)
		}
	})
}

// wire sends the beginning of a request and then stands still, until the test ends.
func (s *side) wire(t *testing.T, line, rest string) {
	t.Helper()
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	login := base64.StdEncoding.EncodeToString([]byte(s.User + ":" + s.Password))
	if _, err := io.WriteString(conn, line+" HTTP/1.1\r\nHost: "+at.Host+"\r\nAuthorization: Basic "+login+"\r\n"+rest); err != nil {
		t.Fatal(err)
	}
}

// inFlight waits until so many requests are under way, beside the one that asks.
func (s *side) inFlight(t *testing.T, requests int) {
	t.Helper()
	s.eventually(t, func() bool {
		page := s.send(t, call{method: "GET", path: "/-/metrics"}).Body
		_, rest, _ := strings.Cut(page, "\nmlflow_server_requests_in_flight ")
		n := 0
		_, _ = fmt.Sscan(rest, &n)
		return n > requests
	})
}

// soon makes a call that must not wait for others.
func (s *side) soon(t *testing.T, c call) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), others)
	defer cancel()
	began := time.Now()
	a, err := s.try(ctx, c)
	if err != nil || a.Status != http.StatusOK {
		t.Fatalf("%s beside slow clients: %d %.200s %v", c.path, a.Status, a.Body, err)
	}
	t.Logf("%s beside slow clients: %v", c.path, time.Since(began).Round(time.Millisecond))
}

// tag gives a run so many tags of 8,000 characters.
func (s *side) tag(t *testing.T, run, tags int) {
	t.Helper()
	value := strings.Repeat("t", 8000)
	for from := 0; from < tags; from += 100 {
		var all []string
		for n := from; n < min(from+100, tags); n++ {
			all = append(all, fmt.Sprintf(`{"key": "t%d", "value": %q}`, n, value))
		}
		if a := s.send(t, call{method: "POST", path: "runs/log-batch", body: `{"run_id": "` + mark(run) + `", "tags": [` + strings.Join(all, ",") + `]}`}); a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
}

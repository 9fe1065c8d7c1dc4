package security_test

import (
	"bufio"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mlflow-server/internal/gate"
	"mlflow-server/internal/users"
)

//go:embed testdata/identity-headers.txt
var headerCorpus string

func identityHeaders(t *testing.T) []string {
	t.Helper()
	var names []string
	for line := range strings.Lines(headerCorpus) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			names = append(names, line)
		}
	}
	return names
}

// backend is the gate, with everything open, before something that counts what arrives: exact, and fast enough for a
// hundred thousand requests.
type backend struct {
	server      *httptest.Server
	user, login string
	reached     atomic.Int64
	last        atomic.Value
	header      atomic.Pointer[http.Header]
}

func newBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{user: "ann"}
	b.login = "Basic " + base64.StdEncoding.EncodeToString([]byte("ann:right"))
	directory, err := users.NewDirectory(users.Accounts{Credentials: []users.Credential{{Name: "ann", Password: "right"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	b.server = httptest.NewUnstartedServer(nil)
	b.server.Config = gate.NewServer(gate.New(gate.Options{
		Users: directory, Upstream: b, SessionKey: []byte(strings.Repeat("k", 32)), SessionTime: time.Hour, OpenRoutes: gate.ClosedRoutes, Log: log,
	}), log)
	b.server.Start()
	t.Cleanup(b.server.Close)
	return b
}

func (b *backend) Ready() bool           { return true }
func (b *backend) Phase() (bool, string) { return true, "" }

// RoundTrip counts.
func (b *backend) RoundTrip(r *http.Request) (*http.Response, error) {
	b.reached.Add(1)
	b.last.Store(r.Method + " " + r.URL.String())
	header := r.Header.Clone()
	b.header.Store(&header)
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody}, nil
}

// connection sends requests exactly as they are written.
type connection struct {
	address string
	conn    net.Conn
	answers *bufio.Reader
}

func (b *backend) connect(t *testing.T) *connection {
	return &connection{address: b.server.Listener.Addr().String()}
}

func (c *connection) close() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
}

// send writes "METHOD target" with headers and returns the status, on the same connection as long as that lasts.
func (c *connection) send(t *testing.T, line string, headers ...string) int {
	t.Helper()
	return c.sendWith(t, line, "", headers...)
}

// sendWith is send with a body of JSON.
func (c *connection) sendWith(t *testing.T, line, body string, headers ...string) int {
	t.Helper()
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			t.Error(err)
			return 0
		}
		c.conn, c.answers = conn, bufio.NewReader(conn)
	}
	_ = c.conn.SetDeadline(time.Now().Add(2 * time.Minute))
	request := line + " HTTP/1.1\r\nHost: x\r\n"
	if body != "" {
		headers = append([]string{"Content-Type: application/json", fmt.Sprint("Content-Length: ", len(body))}, headers...)
	}
	for _, h := range headers {
		request += h + "\r\n"
	}
	if _, err := io.WriteString(c.conn, request+"\r\n"+body); err != nil {
		t.Error(err)
		return 0
	}
	method, _, _ := strings.Cut(line, " ")
	answer, err := http.ReadResponse(c.answers, &http.Request{Method: method})
	if err != nil {
		t.Errorf("%s: %v", line, err)
		c.close()
		c.conn = nil
		return 0
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	if answer.Close {
		c.close()
		c.conn = nil
	}
	return answer.StatusCode
}

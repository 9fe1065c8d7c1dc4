package gate

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// hasty is for tests that wait until the gate gives up, and forgiving for those in which it must not, however slow the
// machine: what nobody reads is given up all the same.
var (
	hasty     = patience{stalled: 400 * time.Millisecond, unread: 400 * time.Millisecond}
	forgiving = patience{stalled: time.Minute, unread: hasty.unread}
)

// overHTTP puts a server that reads whole bodies behind the gate, reached by a transport as MLflow is.
func (r rig) overHTTP(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if _, err := io.Copy(io.Discard, req.Body); err == nil {
			_, _ = io.WriteString(w, "{}")
		}
	}))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	r.mlflow.answer = func(req *http.Request) (*http.Response, error) {
		req = req.Clone(req.Context())
		req.URL.Host = at.Host
		return http.DefaultTransport.RoundTrip(req)
	}
}

// converse writes on a new connection and reads answers until the gate closes it, which it has to. then is called
// between the two; nil for nothing.
func (r rig) converse(t *testing.T, wire string, then func(*net.TCPConn)) (statuses []int) {
	t.Helper()
	conn := r.dial(t)
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	go func() {
		_, _ = io.WriteString(conn, wire)
		if then != nil {
			then(conn.(*net.TCPConn))
		}
	}()
	answers := bufio.NewReader(conn)
	for {
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
				return statuses
			}
			t.Fatalf("after %v the connection is not closed: %v", statuses, err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); errors.Is(err, io.ErrUnexpectedEOF) {
			return statuses // an answer that broke off is none
		} else if err != nil {
			t.Fatalf("after %v: %v", statuses, err)
		}
		statuses = append(statuses, resp.StatusCode)
	}
}

// smuggled is what a request brings along that a parser of another opinion takes for one of its own.
const smuggled = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"

func TestABodyThatIsNotWholeIsNeverAcknowledged(t *testing.T) {
	t.Parallel()
	halfClose := func(c *net.TCPConn) { _ = c.CloseWrite() }
	for _, stamps := range []bool{false, true} {
		rigs := map[bool]rig{}
		for _, standsStill := range []bool{false, true} {
			r := start(t, func(o *Options) {
				o.StampUser, o.patience = stamps, forgiving
				if standsStill {
					o.patience = hasty
				}
			})
			r.overHTTP(t)
			rigs[standsStill] = r
		}
		for _, c := range []struct {
			why, head, body string
			then            func(*net.TCPConn)
			status          int
		}{
			{"a chunk size that is none", "Transfer-Encoding: chunked\r\n", "5\r\n{\"a\":\r\nzz\r\n", nil, 400},
			{"a chunk longer than its size, and another request", "Transfer-Encoding: chunked\r\n", "2\r\n{}xx\r\n0\r\n\r\n" + smuggled, nil, 400},
			{"chunked and a length, and another request", "Content-Length: 100\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n" + smuggled, nil, 200},
			{"a body that stands still", "Content-Length: 1000\r\n", `{"a":`, nil, 408},
			{"a body that stands still between chunks", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n", nil, 408},
			{"a body that ends too early", "Content-Length: 1000\r\n", `{"a":`, halfClose, 400},
			{"chunks that end too early", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n", halfClose, 400},
		} {
			t.Run(fmt.Sprintf("%s, stamping is %v", c.why, stamps), func(t *testing.T) {
				r := rigs[c.status == http.StatusRequestTimeout]
				got := r.converse(t, "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: x\r\n"+signedIn+"\r\n"+c.head+"\r\n"+c.body, c.then)
				if len(got) != 1 || got[0] != c.status {
					t.Errorf("the answers are %v, want one %d", got, c.status)
				}
			})
		}
		for _, r := range rigs {
			if log := r.log.String(); strings.Contains(log, "did not answer") {
				t.Errorf("MLflow is blamed:\n%s", log)
			}
		}
	}
}

func TestWhoHasLeftIsAnsweredByNothing(t *testing.T) {
	t.Parallel()
	for _, stamps := range []bool{false, true} {
		r := start(t, func(o *Options) { o.StampUser = stamps })
		r.overHTTP(t)
		conn := r.dial(t).(*net.TCPConn)
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		fmt.Fprintf(conn, "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: x\r\n%s\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n", signedIn)
		if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 100 ") { // the gate is reading
			t.Fatalf("%q %v", line, err)
		}
		_, _ = io.WriteString(conn, "{")
		_ = conn.SetLinger(0)
		conn.Close() // with a reset
		await(t, func() bool { return strings.Contains(r.log.String(), "path=/api/2.0/mlflow/runs/create status=499") })
	}
}

// silentRoom gives up without a word, as one does whose client seems to have left.
type silentRoom struct{}

func (silentRoom) Serves(*http.Request) bool { return true }

func (silentRoom) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
}

func TestARoomThatGivesUpHasNotSaidYes(t *testing.T) {
	t.Parallel()
	room := func(p patience) rig {
		return start(t, func(o *Options) { o.Rooms, o.patience = []Room{silentRoom{}}, p })
	}
	head := "POST /api/2.0/mlflow/runs/log-metric HTTP/1.1\r\nHost: x\r\n" + signedIn + "\r\nContent-Length: 2\r\n\r\n"
	if got := room(forgiving).converse(t, head+"{}", nil); len(got) != 0 {
		t.Errorf("a whole body is answered with %v", got)
	}
	if got := room(hasty).converse(t, head+"{", nil); len(got) != 1 || got[0] != 408 {
		t.Errorf("half a body is answered with %v", got)
	}
}

func TestABodyThatNeverComesHoldsNoConnection(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) {
		o.patience, o.MaxRequestsPerUser = hasty, 1
		o.AllowedHosts = []string{"x"}
	})
	r.overHTTP(t)
	release := make(chan struct{})
	r.mlflow.answer = func(*http.Request) (*http.Response, error) {
		<-release
		return response(200, ""), nil
	}
	var group sync.WaitGroup
	defer group.Wait()
	defer close(release)
	group.Go(func() { r.send(t, "GET", "/version", basic("vic", vicsPassword), "Host: x") }) // what vic may have in flight
	await(t, func() bool { return len(r.mlflow.reached()) == 1 })
	const body = "Content-Length: 1000\r\n\r\n{"
	for _, c := range []struct {
		why, wire string
		status    int
	}{
		{"no login", "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: x\r\n", 401},
		{"no login, chunks", "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-Not: ", 401},
		{"a page", "GET /-/progress HTTP/1.1\r\nHost: x\r\n", 200},
		{"health", "GET /health HTTP/1.1\r\nHost: x\r\n", 200},
		{"another host", "GET /version HTTP/1.1\r\nHost: y\r\n", 403},
		{"an odd path", "GET //version HTTP/1.1\r\nHost: x\r\n", 400},
		{"another origin", "POST /version HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n", 403},
		{"the sign-in form", "POST /-/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n", 400},
		{"a viewer with enough in flight", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + basic("vic", vicsPassword) + "\r\n", 429},
		{"a route that is closed", "POST /api/2.0/mlflow/webhooks HTTP/1.1\r\nHost: x\r\n" + signedIn + "\r\n", 403},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got := r.converse(t, c.wire+body, nil); len(got) != 1 || got[0] != c.status {
				t.Errorf("the answers are %v, want one %d", got, c.status)
			}
		})
	}
	if got := r.converse(t, "POST /version HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"+body[:len(body)-1], nil); len(got) != 1 || got[0] != 401 {
		t.Errorf("who waits to be told to go on is answered with %v", got)
	}
}

func TestARefusedBodyThatComesLeavesTheConnectionOpen(t *testing.T) {
	t.Parallel()
	r := start(t)
	conn := r.dial(t)
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	answers := bufio.NewReader(conn)
	for range 3 {
		fmt.Fprint(conn, "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"+strings.Repeat("x", 200000))
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		if resp.StatusCode != 401 || resp.Close {
			t.Errorf("%d, closes: %v", resp.StatusCode, resp.Close)
		}
	}
}

func TestAnAnswerMayTakeLongAfterABodyThatNobodyRead(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Rooms, o.patience = []Room{slowRoom{}}, forgiving })
	got := r.converse(t, "GET /version HTTP/1.1\r\nHost: x\r\n"+signedIn+"\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", nil)
	if len(got) != 1 || got[0] != 200 {
		t.Errorf("%v", got)
	}
}

// slowRoom sends for longer than a body may take that nobody reads, and stops when the client seems to have left.
type slowRoom struct{}

func (slowRoom) Serves(*http.Request) bool { return true }

func (slowRoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "10")
	for range 10 {
		if r.Context().Err() != nil {
			return
		}
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(2 * hasty.unread / 10)
	}
}

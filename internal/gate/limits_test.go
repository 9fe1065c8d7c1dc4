package gate

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// await polls until something has happened.
func await(t *testing.T, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}

func TestNobodyTakesItAll(t *testing.T) {
	r := start(t, func(o *Options) { o.MaxRequests, o.MaxRequestsPerUser = 3, 2 })
	release := make(chan struct{})
	r.mlflow.answer = func(*http.Request) (*http.Response, error) {
		<-release
		return response(200, ""), nil
	}
	var group sync.WaitGroup
	hold := func(login string) {
		n := len(r.mlflow.reached())
		group.Go(func() { r.send(t, "GET", "/version", login) })
		await(t, func() bool { return len(r.mlflow.reached()) > n })
	}
	hold(signedIn)
	hold(signedIn)
	if resp := r.send(t, "GET", "/version", signedIn); resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("ann's third: %d", resp.StatusCode)
	}
	hold(basic("vic", vicsPassword))
	if resp := r.send(t, "GET", "/version", basic("vic", vicsPassword)); resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("the fourth: %d", resp.StatusCode)
	}
	if resp := r.send(t, "GET", whoAmIPath, signedIn); resp.StatusCode != 200 {
		t.Errorf("the gate's own page: %d", resp.StatusCode)
	}
	close(release)
	group.Wait()
	if resp := r.send(t, "GET", "/version", signedIn); resp.StatusCode != 200 {
		t.Errorf("afterwards: %d", resp.StatusCode)
	}
}

// dial opens a connection to the gate.
func (r rig) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", r.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestAThousandSlowClientsStarveNobodyAndAreCutOff(t *testing.T) {
	t.Parallel()
	r := prepare(t, func(o *Options) { o.patience = patience{stalled: 5 * time.Second, unread: 5 * time.Second} })
	r.Config.ReadHeaderTimeout = 5 * time.Second // which no request below may take, however slow the machine
	r.Start()
	var slow []net.Conn
	for i := range 1000 { // headers that never end, and bodies that never come
		begin := "GET / HTTP/1.1\r\nHost: x\r\n"
		if i%2 == 0 {
			begin = "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
		}
		conn := r.dial(t)
		if _, err := io.WriteString(conn, begin); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, conn)
	}
	for range 100 {
		if resp := r.send(t, "GET", "/version", signedIn); resp.StatusCode != 200 {
			t.Fatalf("%d", resp.StatusCode)
		}
	}
	for i, conn := range slow {
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		answer, err := io.ReadAll(conn)
		if err != nil {
			t.Fatalf("connection %d is still open: %v", i, err)
		}
		if i%2 == 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 401 ") {
			t.Fatalf("connection %d got %q", i, answer)
		}
	}
}

// TestHTTPOnTheWire is about bytes that no library would send.
func TestHTTPOnTheWire(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.patience = forgiving })
	r.overHTTP(t)
	auth := signedIn + "\r\n"
	second := strings.Replace(smuggled, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)
	for _, c := range []struct {
		why, wire string
		statuses  []int // of all answers on this connection, which is closed then
		reaches   int
	}{
		{"two requests at once", "GET /version HTTP/1.1\r\nHost: x\r\n" + auth + "\r\n" + second, []int{200, 401}, 1},
		{"a login does not last for the connection", "GET /version HTTP/1.1\r\nHost: x\r\n" + auth + "\r\nGET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", []int{200, 401}, 1},
		{"chunked and a length, with another request inside", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second, []int{200}, 1},
		{"a length and chunked, with another request inside", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + second, []int{200}, 1},
		{"chunked and a length without a login", "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second, []int{401}, 0},
		{"two encodings", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + second, []int{501}, 0},
		{"two lengths", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", []int{400}, 0},
		{"a list of lengths", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Length: 4, 5\r\n\r\nabcde", []int{400}, 0},
		{"a negative length", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Length: -1\r\n\r\n", []int{400}, 0},
		{"a length with a sign", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Length: +4\r\n\r\nabcd", []int{400}, 0},
		{"an encoding that is not known", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", []int{501}, 0},
		{"an encoding with a tab", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Transfer-Encoding: \tchunked\x0b\r\n\r\n0\r\n\r\n", []int{400}, 0},
		{"a chunk size that is none", "POST /version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n" + second, []int{401}, 0},
		{"a chunk size that is none, with a login", "POST /version HTTP/1.1\r\nHost: x\r\n" + auth + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n" + second, []int{400}, 1},
		{"a chunk size with a sign", "POST /version HTTP/1.1\r\nHost: x\r\n" + auth + "Transfer-Encoding: chunked\r\n\r\n+2\r\nab\r\n0\r\n\r\n" + second, []int{400}, 1},
		{"a chunk that is longer than its size", "POST /version HTTP/1.1\r\nHost: x\r\n" + auth + "Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n" + second, []int{400}, 1},
		{"a header without a name", "GET /version HTTP/1.1\r\nHost: x\r\n: x\r\n" + auth + "\r\n", []int{400}, 0},
		{"a space before the colon", "GET /version HTTP/1.1\r\nHost: x\r\nAuthorization : Basic x\r\n\r\n", []int{400}, 0},
		{"a folded header", "GET /version HTTP/1.1\r\nHost: x\r\nX-A: b\r\n " + auth + "Connection: close\r\n\r\n", []int{401}, 0},
		{"no host", "GET /version HTTP/1.1\r\n" + auth + "\r\n", []int{400}, 0},
		{"two hosts", "GET /version HTTP/1.1\r\nHost: x\r\nHost: y\r\n" + auth + "\r\n", []int{400}, 0},
		{"HTTP/1.0", "GET /version HTTP/1.0\r\n" + auth + "\r\n", []int{200}, 1},
		{"HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{400}, 0},
		{"HTTP/0.9", "GET /version\r\n", []int{400}, 0},
		{"a line feed in the target", "GET /version\nX: y HTTP/1.1\r\nHost: x\r\n\r\n", []int{400}, 0},
		{"100-continue without a login", "POST /graphql HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n", []int{401}, 0},
		{"another expectation", "POST /graphql HTTP/1.1\r\nHost: x\r\n" + auth + "Expect: 200-maybe\r\n\r\n", []int{417}, 0},
		{"headers without end", "GET /version HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 64<<10) + "\r\n" + auth + "\r\n", []int{431}, 0},
		{"a NUL in a header", "GET /version HTTP/1.1\r\nHost: x\r\nX-A: \x00\r\n" + auth + "\r\n", []int{400}, 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			before := len(r.mlflow.reached())
			if got := r.converse(t, c.wire, nil); !slices.Equal(got, c.statuses) {
				t.Errorf("the answers are %v, want %v", got, c.statuses)
			}
			if n := len(r.mlflow.reached()) - before; n != c.reaches {
				t.Errorf("%d requests reached MLflow, want %d", n, c.reaches)
			}
		})
	}
}

func TestWhoIsToldToContinueHasALogin(t *testing.T) {
	r := start(t)
	r.mlflow.answer = func(req *http.Request) (*http.Response, error) {
		b, _ := io.ReadAll(req.Body)
		return response(200, string(b)), nil
	}
	conn := r.dial(t)
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(conn, "PUT /api/2.0/mlflow-artifacts/artifacts/x HTTP/1.1\r\nHost: x\r\n%s\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n", signedIn)
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("%q %v", line, err)
	}
	_, _ = io.WriteString(conn, "abcd")
	rest, err := io.ReadAll(answers)
	if err != nil || !strings.Contains(string(rest), "HTTP/1.1 200 OK") || !strings.HasSuffix(string(rest), "abcd") {
		t.Fatalf("%q %v", rest, err)
	}
}

// stalling notes the deadlines that are set on a connection.
type stalling struct {
	http.ResponseWriter
	read, write time.Time
}

func (s *stalling) SetReadDeadline(t time.Time) error  { s.read = t; return nil }
func (s *stalling) SetWriteDeadline(t time.Time) error { s.write = t; return nil }

// trickle gives one byte a second.
type trickle struct{ left int }

func (s *trickle) Read(b []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(time.Second)
	s.left--
	b[0] = 'x'
	return 1, nil
}

func (s *trickle) Close() error { return nil }

func TestAnUploadThatMovesIsNeverCutOffAndOneThatStandsIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &stalling{ResponseWriter: discard{}}
		read := 0
		watchProgress(usualPatience, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			b := make([]byte, 10)
			for {
				n, err := r.Body.Read(b)
				read += n
				if err == io.EOF {
					break
				}
				if ahead := time.Until(w.read); ahead <= 0 || ahead > usualPatience.stalled {
					t.Fatalf("after %d bytes the deadline is %v ahead", read, ahead)
				}
			}
			if !w.read.IsZero() {
				t.Error("a deadline for the next byte is left when there is none")
			}
			time.Sleep(10 * usualPatience.stalled) // thinking about the answer
		})).ServeHTTP(w, withRequest(&http.Request{Body: &trickle{left: 3600}, ContentLength: -1}, &request{}))
		if read != 3600 {
			t.Errorf("%d bytes in an hour", read)
		}
		if ahead := time.Until(w.write); ahead <= 0 || ahead > usualPatience.stalled {
			t.Errorf("the answer has to be taken within %v", ahead)
		}
	})
}

// discard is an answer that nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

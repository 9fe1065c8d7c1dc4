package artifacts_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// fault says what goes wrong with one request to the store; the zero value is nothing.
type fault struct {
	status     int           // answered instead of asking the store, as S3's SlowDown or InternalError
	code       string        // what S3 calls that; SlowDown when it is empty
	lost       bool          // the store does what it is asked for, and its answer is lost
	delay      time.Duration // before the store is asked
	cutRequest int64         // bytes of the request's body after which the connection is reset; 0 never
	cutAnswer  int64         // the same for the answer's
	flipUp     bool          // the body's first byte is changed on the way up
	flipDown   bool          // or on the way down
	pause      time.Duration // before every piece of the answer
}

// faulty is the store behind a network and a service that fail as a test wants it.
type faulty struct {
	*httptest.Server
	mu     sync.Mutex
	choose func(r *http.Request) fault
	seen   int
	// parts is how many parts of uploads the store has, completed when it had last completed one.
	parts     int
	completed time.Time
}

// set decides about the requests to come.
func (f *faulty) set(choose func(r *http.Request) fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.choose, f.seen = choose, 0
}

// first lets the first n requests that match fail.
func first(n int, with fault, match func(r *http.Request) bool) func(*http.Request) fault {
	return func(r *http.Request) fault {
		if n > 0 && match(r) {
			n--
			return with
		}
		return fault{}
	}
}

func always(with fault, match func(r *http.Request) bool) func(*http.Request) fault {
	return first(1<<30, with, match)
}

func isPut(r *http.Request) bool { return r.Method == http.MethodPut }
func isGet(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Query().Get("list-type") == ""
}

func isPart(r *http.Request) bool { return isPut(r) && r.URL.Query().Has("partNumber") }

func isBeginning(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Query().Has("uploads")
}

func isCompletion(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Query().Has("uploadId")
}

func newFaulty(t *testing.T, endpoint string) *faulty {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	f := &faulty{choose: func(*http.Request) fault { return fault{} }}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = target.Scheme, target.Host
			p.Out.Host = p.In.Host // what has been signed
			p.Out.URL.RawQuery = p.In.URL.RawQuery
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { reset(w) },
		ErrorLog:     log.New(io.Discard, "", 0),
	}
	proxy.ModifyResponse = func(answer *http.Response) error {
		bad, _ := answer.Request.Context().Value(faultKey{}).(fault)
		if bad.lost {
			_, _ = io.Copy(io.Discard, answer.Body)
			return errLost
		}
		if bad.cutAnswer > 0 || bad.flipDown || bad.pause > 0 {
			answer.Body = &spoiled{ReadCloser: answer.Body, cut: bad.cutAnswer, flip: bad.flipDown, pause: bad.pause}
		}
		return nil
	}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.seen++
		bad := f.choose(r)
		f.mu.Unlock()
		time.Sleep(bad.delay)
		if bad.status != 0 {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(bad.status)
			_, _ = io.WriteString(w, "<Error><Code>"+cmp.Or(bad.code, "SlowDown")+"</Code><Message>hurry not</Message></Error>")
			return
		}
		if bad.cutRequest > 0 || bad.flipUp {
			r.Body = &spoiled{ReadCloser: r.Body, cut: bad.cutRequest, flip: bad.flipUp}
		}
		defer func() {
			if recover() != nil {
				reset(w)
			}
		}()
		proxy.ServeHTTP(w, r.WithContext(withFault(r, bad)))
		f.mu.Lock()
		defer f.mu.Unlock()
		if isPart(r) {
			f.parts++
		}
		if isCompletion(r) {
			f.completed = time.Now()
		}
	}))
	t.Cleanup(func() {
		f.CloseClientConnections()
		f.Close()
	})
	return f
}

var errLost = errors.New("the answer is lost")

// reset closes the client's connection as a crash would.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the answer has begun
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// spoiled is a body with something wrong.
type spoiled struct {
	io.ReadCloser
	cut, read int64
	flip      bool
	pause     time.Duration
}

func (s *spoiled) Read(p []byte) (int, error) {
	if s.cut > 0 && s.read >= s.cut {
		return 0, io.ErrUnexpectedEOF
	}
	if s.cut > 0 {
		p = p[:min(int64(len(p)), s.cut-s.read)]
	}
	time.Sleep(s.pause)
	n, err := s.ReadCloser.Read(p)
	if s.flip && n > 0 && s.read == 0 {
		p[0] ^= 0xff
	}
	s.read += int64(n)
	return n, err
}

type faultKey struct{}

func withFault(r *http.Request, bad fault) context.Context {
	return context.WithValue(r.Context(), faultKey{}, bad)
}

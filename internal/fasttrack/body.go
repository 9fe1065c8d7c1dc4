package fasttrack

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// soon is how long a body may take to arrive while it takes room from others: what comes later is MLflow's, so that
	// slow clients starve nobody.
	soon = 4 * time.Second
	// piece is how much of a body is read at a time, in bytes. One that is no larger takes so little room that it is
	// waited for.
	piece = 32 << 10
)

// body reads the whole body once there is room for it. late is the request with a body that does not come soon, for MLflow.
// ok is false when there is nobody left to answer.
func (r *Room) body(q *http.Request) (body []byte, late *http.Request, release func(), ok bool) {
	if q.Method == http.MethodGet {
		return nil, nil, func() {}, true
	}
	weight := max(q.ContentLength, leastBody)
	if r.bodies.Acquire(q.Context(), weight) != nil {
		return nil, nil, nil, false
	}
	release = sync.OnceFunc(func() { r.bodies.Release(weight) })
	body, rest, err := arrive(q.Body, q.ContentLength, soon, release)
	if err != nil {
		release()
		return nil, nil, nil, false
	}
	if rest != nil {
		return nil, withBody(q, rest), release, true
	}
	return body, nil, release, true
}

// withBody is the request with another body. It is a copy: others may still look at the request that has been read.
func withBody(q *http.Request, body io.Reader) *http.Request {
	again := q.WithContext(q.Context())
	again.Body = struct {
		io.Reader
		io.Closer
	}{body, q.Body}
	return again
}

// restored is the request as it came, with its body to be read again.
func restored(q *http.Request, body []byte) *http.Request {
	if body == nil {
		return q
	}
	return withBody(q, bytes.NewReader(body))
}

// arrive reads a body of so many bytes. If it takes longer than it may, late reads it from its beginning; what has come by
// then is let go, and dropped called, as soon as it has been read.
func arrive(from io.Reader, size int64, within time.Duration, dropped func()) (body []byte, late io.Reader, err error) {
	if size <= piece {
		body = make([]byte, size)
		_, err = io.ReadFull(from, body)
		return body, nil, err
	}
	a := &arrival{from: from, size: size, came: make([]byte, 0, size), over: make(chan struct{})}
	go a.read()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-a.over:
	case <-timer.C:
		if a.leave() {
			return nil, &lateBody{arrival: a, head: bytes.NewReader(a.came), dropped: dropped}, nil
		}
	}
	return a.came, nil, a.err
}

// arrival is a body that is being read in the background, until somebody else takes it over.
type arrival struct {
	from io.Reader
	size int64
	over chan struct{} // closed when it is not read here any more

	mu   sync.Mutex
	came []byte
	err  error  // why there will be no more, if that is not the body's end
	left bool   // somebody else reads it
	last []byte // what came after that
	done bool
}

func (a *arrival) read() {
	defer close(a.over)
	text := make([]byte, piece) // apart, so that waiting for the next bytes does not hold all that came before
	for {
		n, err := a.from.Read(text)
		if !a.take(text[:n], err) {
			return
		}
	}
}

// take adds what has been read, and tells whether to go on.
func (a *arrival) take(text []byte, err error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left {
		a.last, a.err = text, err
		return false
	}
	a.came = append(a.came, text...)
	switch {
	case int64(len(a.came)) >= a.size:
		a.done = true
	case errors.Is(err, io.EOF):
		a.done, a.err = true, io.ErrUnexpectedEOF
	case err != nil:
		a.done, a.err = true, err
	}
	return !a.done
}

// leave ends the reading here after what is being waited for, unless it has just ended.
func (a *arrival) leave() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = !a.done
	return a.left
}

// lateBody reads what has come, what comes next, and the rest.
type lateBody struct {
	*arrival
	head    *bytes.Reader // nil when it has been read
	dropped func()
	joined  bool
}

// Read implements io.Reader.
func (l *lateBody) Read(into []byte) (int, error) {
	if l.head != nil {
		if n, err := l.head.Read(into); err == nil {
			return n, nil
		}
		l.head, l.came = nil, nil
		l.dropped()
	}
	if !l.joined {
		<-l.over
		l.joined = true
	}
	if len(l.last) > 0 {
		n := copy(into, l.last)
		l.last = l.last[n:]
		return n, nil
	}
	if l.err != nil {
		return 0, l.err
	}
	return l.from.Read(into)
}

package gate

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// mostUnread is how much of a body is read that nobody wants, in bytes, so that the connection can be used again: no less
// than net/http would.
const mostUnread = 256 << 10

// progressingBody moves the read deadline on with every piece of a body, and remembers why a body could not be read. A
// transport may still read it when the answer is there.
type progressingBody struct {
	io.ReadCloser
	control *http.ResponseController
	limits  patience
	asked   bool // the client sends nothing before somebody reads ("Expect: 100-continue")
	// chunked is a body that may have come with a length too, which net/http drops unseen. If somebody in front went by it,
	// what follows is not the request that they take it for: the connection is closed (RFC 9112, section 6.1).
	chunked bool

	mu      sync.Mutex
	last    time.Time // when the deadline was set
	begun   bool      // somebody has read
	leaving bool      // nobody reads any more
	failure error     // io.EOF at the end
}

// newProgressingBody begins to wait for a request's body.
func newProgressingBody(r *http.Request, control *http.ResponseController, limits patience) *progressingBody {
	return &progressingBody{
		ReadCloser: r.Body, control: control, limits: limits, chunked: r.ContentLength < 0,
		asked: strings.EqualFold(r.Header.Get("Expect"), "100-continue"),
	}
}

func (b *progressingBody) Read(into []byte) (int, error) {
	b.mu.Lock()
	b.begun = true
	if now := time.Now(); !b.leaving && now.Sub(b.last) > b.limits.deadlineStep() {
		b.last = now
		_ = b.control.SetReadDeadline(now.Add(b.limits.stalled))
	}
	b.mu.Unlock()
	n, err := b.ReadCloser.Read(into)
	if err != nil {
		b.failed(err)
	}
	return n, err
}

func (b *progressingBody) failed(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failure == nil && (err == io.EOF || !b.leaving) { // what nobody wants cannot be missed
		b.failure = err
	}
	if err == io.EOF {
		// Nothing more is expected while the answer is made, however long that takes: a deadline that passes then would
		// look like a client that has left.
		_ = b.control.SetReadDeadline(time.Time{})
	}
}

// leave reads what is left of a body, if that is little and comes soon, and tells whether the connection can carry
// another request.
func (b *progressingBody) leave() bool {
	b.mu.Lock()
	failure, first, waits := b.failure, !b.leaving, b.asked && !b.begun
	b.leaving = true
	if failure == nil && first {
		_ = b.control.SetReadDeadline(time.Now().Add(b.limits.unread)) // net/http reads too, when all is done
	}
	b.mu.Unlock()
	if failure == nil && first && !waits { // to read from a client that waits would tell it to send
		_, _ = io.CopyN(io.Discard, b, mostUnread+1)
		failure = b.why()
	}
	return failure == io.EOF
}

// Close implements io.Closer. net/http reads what is left then.
func (b *progressingBody) Close() error {
	b.leave()
	return b.ReadCloser.Close()
}

// isLeaving says whether nobody is to read any more.
func (b *progressingBody) isLeaving() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leaving
}

// why is how reading ended: io.EOF at the end of the body, nil when it has not ended.
func (b *progressingBody) why() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failure
}

// broken is why the body of a request could not be read to its end, nil where that is not what happened.
func broken(r *http.Request) error {
	if b := about(r).body; b != nil {
		if err := b.why(); err != io.EOF {
			return err
		}
	}
	return nil
}

// refuseBroken answers a request whose body could not be read. There is no answer where the client has left.
func refuseBroken(w http.ResponseWriter, r *http.Request, why error) {
	var lost net.Error
	switch {
	case errors.Is(why, os.ErrDeadlineExceeded):
		refuse(w, r, refusal{
			status: http.StatusRequestTimeout, code: "TEMPORARILY_UNAVAILABLE", title: "The request stood still",
			text: "Nothing more of the request arrived for too long.",
		})
	case errors.As(why, &lost):
		panic(http.ErrAbortHandler)
	default:
		refuse(w, r, refusal{
			status: http.StatusBadRequest, code: "BAD_REQUEST", title: "Bad request",
			text: "The request ended before it was complete, or its length is not what it says.",
		})
	}
}

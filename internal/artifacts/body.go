package artifacts

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// stalled is how long a client may send or take nothing before a transfer is cut, here as for everything that passes the
// gate. There is no limit for a whole
// transfer: one that moves at 1 KB/s is fine.
const stalled = 90 * time.Second

// body is what a client uploads.
type body struct {
	size int64 // what the client says, -1 when it does not
	read int64 // so far

	ctx     context.Context
	from    io.Reader
	control *http.ResponseController
	allow   func(n int64) error // asked for every piece
	stalled time.Duration       // stalled, except in tests
	ended   bool
}

func newBody(w http.ResponseWriter, r *http.Request, allow func(n int64) error) *body {
	return &body{size: r.ContentLength, ctx: r.Context(), from: r.Body, control: http.NewResponseController(w), allow: allow, stalled: stalled}
}

// errClientGone is a body that ended before it was complete.
var errClientGone = errors.New("the client broke off")

// Read implements io.Reader. The error is io.EOF only when the body is complete.
func (b *body) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	if err := b.ctx.Err(); err != nil {
		return 0, b.broken(err)
	}
	_ = b.control.SetReadDeadline(time.Now().Add(b.stalled))
	n, err := b.from.Read(p)
	b.read += int64(n)
	if n > 0 {
		if refused := b.allow(int64(n)); refused != nil {
			return 0, refused
		}
	}
	switch {
	case err == io.EOF && (b.size < 0 || b.read == b.size):
		b.ended = true
		// Left in place, the deadline would end the wait for the client to go, and with it the request.
		_ = b.control.SetReadDeadline(time.Time{})
		return n, io.EOF
	case err != nil:
		return n, b.broken(err)
	}
	return n, nil
}

func (b *body) broken(err error) error {
	if cause := context.Cause(b.ctx); errors.Is(cause, errStopping) {
		return later(cause, "The server is stopping")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) { // a client that is still there sends it again
		return &failure{status: http.StatusRequestTimeout, code: "TEMPORARILY_UNAVAILABLE",
			message: "Nothing more of the upload arrived for too long", retry: true, cause: errors.Join(errClientGone, err)}
	}
	return &failure{status: http.StatusBadRequest, code: "BAD_REQUEST", message: "The upload broke off", cause: errors.Join(errClientGone, err)}
}

// The most of a refused body that is read, so that the client gets to the refusal: one that is still sending when the
// connection closes sees only that.
const (
	drainBytes = 1 << 30
	drainTime  = 20 * time.Second
)

// drain reads what the client still sends.
func drain(r *http.Request) {
	deadline := time.Now().Add(drainTime)
	scratch := scratches.get()
	defer scratches.put(scratch)
	for left := int64(drainBytes); left > 0 && time.Now().Before(deadline) && r.Context().Err() == nil; {
		n, err := r.Body.Read(scratch)
		if err != nil {
			return
		}
		left -= int64(n)
	}
}

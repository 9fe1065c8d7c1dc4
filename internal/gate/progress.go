package gate

import (
	"io"
	"net/http"
	"time"
)

const (
	// stalled is how long either side of a body may stand still. There is no limit for a whole body: an upload that moves
	// by a byte now and then goes on for as long as it takes.
	stalled = 90 * time.Second
	// deadlineStep is how far a deadline may lag behind: setting one for every read would cost more than the read.
	deadlineStep = time.Second
)

// watchProgress cuts off who neither sends nor takes anything for a while in the middle of a body: such connections are
// free for whoever opens them and would otherwise stay for ever.
func watchProgress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &progress{ResponseWriter: w, control: http.NewResponseController(w)}
		if r.ContentLength != 0 {
			r.Body = &progressingBody{ReadCloser: r.Body, control: p.control}
		}
		next.ServeHTTP(p, r)
		p.moved() // for what is still to be flushed
	})
}

// progress moves the write deadline on with every piece of an answer.
type progress struct {
	http.ResponseWriter
	control *http.ResponseController
	last    time.Time
}

func (p *progress) moved() {
	if now := time.Now(); now.Sub(p.last) > deadlineStep {
		p.last = now
		_ = p.control.SetWriteDeadline(now.Add(stalled))
	}
}

func (p *progress) WriteHeader(status int) {
	p.moved()
	p.ResponseWriter.WriteHeader(status)
}

func (p *progress) Write(b []byte) (int, error) {
	p.moved()
	return p.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (p *progress) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// progressingBody does the same for reading.
type progressingBody struct {
	io.ReadCloser
	control *http.ResponseController
	last    time.Time
}

func (b *progressingBody) Read(into []byte) (int, error) {
	if now := time.Now(); now.Sub(b.last) > deadlineStep {
		b.last = now
		_ = b.control.SetReadDeadline(now.Add(stalled))
	}
	n, err := b.ReadCloser.Read(into)
	if err == io.EOF {
		// Nothing more is expected while the answer is made, however long that takes: a deadline that passes then would
		// look like a client that has left.
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

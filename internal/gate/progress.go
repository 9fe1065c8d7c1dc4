package gate

import (
	"net/http"
	"time"
)

// patience is how long the gate waits for a client that stands still in the middle of something.
type patience struct {
	// stalled is how long either side of a body may stand still. There is no limit for a whole body: an upload that moves
	// by a byte now and then goes on for as long as it takes.
	stalled time.Duration
	// unread is how long the rest of a body may take that nobody reads, as of a request that is refused.
	unread time.Duration
}

// usualPatience is everybody's but some tests'.
var usualPatience = patience{stalled: 90 * time.Second, unread: 10 * time.Second}

// deadlineStep is how far a deadline may lag behind: setting one for every read would cost more than the read.
func (p patience) deadlineStep() time.Duration { return min(time.Second, p.stalled/2) }

// watchProgress cuts off who neither sends nor takes anything for a while in the middle of a body: such connections are
// free for whoever opens them, without a login too, and would otherwise stay for ever.
func watchProgress(limits patience, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &progress{ResponseWriter: w, control: http.NewResponseController(w), limits: limits}
		if r.ContentLength != 0 {
			p.body = newProgressingBody(r, p.control, limits)
			about(r).body = p.body
			r.Body = p.body
		}
		next.ServeHTTP(p, r)
		p.begin()
		p.moved() // for what is still to be flushed
	})
}

// progress moves the write deadline on with every piece of an answer.
type progress struct {
	http.ResponseWriter
	control *http.ResponseController
	limits  patience
	last    time.Time
	body    *progressingBody // nil for a request without one
	begun   bool
}

// begin ends the reading before the answer begins: net/http reads what is left of a body then, for as long as it takes.
func (p *progress) begin() {
	if p.begun {
		return
	}
	p.begun = true
	if p.body != nil && (!p.body.leave() || p.body.chunked) {
		p.Header().Set("Connection", "close")
	}
}

func (p *progress) moved() {
	if now := time.Now(); now.Sub(p.last) > p.limits.deadlineStep() {
		p.last = now
		_ = p.control.SetWriteDeadline(now.Add(p.limits.stalled))
	}
}

func (p *progress) WriteHeader(status int) {
	if status >= 200 { // 1xx are on the way to the answer
		p.begin()
	}
	p.moved()
	p.ResponseWriter.WriteHeader(status)
}

// step is how much of a large answer is written before the deadline is moved on, in bytes: a client that takes it slowly has
// that time for each.
const step = 64 << 10

func (p *progress) Write(b []byte) (written int, err error) {
	p.begin()
	for {
		p.moved()
		n, err := p.ResponseWriter.Write(b[:min(len(b), step)])
		written, b = written+n, b[n:]
		if err != nil || len(b) == 0 {
			return written, err
		}
	}
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (p *progress) Unwrap() http.ResponseWriter { return p.ResponseWriter }

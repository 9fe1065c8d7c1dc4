package artifacts

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// places are those for transfers. One user gets half of them at the most, so that the others find some however slow that
// user's transfers are.
type places struct {
	patience time.Duration // that of a transfer waiting for a place

	mu      sync.Mutex
	free    int
	each    int            // the most for one user
	held    map[string]int // by user
	waiting []*waiter      // in the order in which they came
}

// waiter is a transfer without a place. Its channel is closed when it has got one.
type waiter struct {
	user  string
	given chan struct{}
}

// transferWait is how long a transfer waits for one of the others to end. Clients try again after a 503.
const transferWait = 10 * time.Second

// leastEach is what one user gets however few places there are: a download beside an upload.
const leastEach = 2

func newPlaces(n int) *places {
	n = max(n, 1)
	return &places{patience: transferWait, free: n, each: max((n+1)/2, leastEach), held: map[string]int{}}
}

// enter takes a place for a user's transfer and returns how to give it back.
func (p *places) enter(ctx context.Context, user string) (release func(), err error) {
	p.mu.Lock()
	w := &waiter{user: user, given: make(chan struct{})}
	p.waiting = append(p.waiting, w)
	p.give()
	p.mu.Unlock()
	free := func() { p.leave(user) }
	select {
	case <-w.given:
		return free, nil
	default:
	}
	timer := time.NewTimer(p.patience)
	defer timer.Stop()
	select {
	case <-w.given:
		return free, nil
	case <-ctx.Done():
		err = interrupted(ctx)
	case <-timer.C:
		err = later(nil, "Too many artifact transfers are under way")
	}
	if p.forget(w) {
		return nil, err
	}
	return free, nil // given in this very moment
}

// give hands free places to those who wait and may have one. The lock is held.
func (p *places) give() {
	p.waiting = slices.DeleteFunc(p.waiting, func(w *waiter) bool {
		if p.free == 0 || p.held[w.user] >= p.each {
			return false
		}
		p.free--
		p.held[w.user]++
		close(w.given)
		return true
	})
}

func (p *places) leave(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free++
	if p.held[user]--; p.held[user] == 0 {
		delete(p.held, user)
	}
	p.give()
}

// forget takes a waiter out of the line and says whether it was still there.
func (p *places) forget(w *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.Index(p.waiting, w)
	if at < 0 {
		return false
	}
	p.waiting = slices.Delete(p.waiting, at, at+1)
	return true
}

// taken is how many places are.
func (p *places) taken() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, held := range p.held {
		n += held
	}
	return n
}

// interrupted is what a client is told whose request has ended before its time, if it is still there.
func interrupted(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, errStopping) {
		return later(cause, "The server is stopping")
	}
	return later(cause, "The request was interrupted")
}

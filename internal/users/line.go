package users

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
)

const (
	// maxWaiting bounds the attempts that wait for their turn to be checked. At 70 ms each it is 18 s of one core: within
	// the 30 s after which Heroku's router gives a request up.
	maxWaiting = 256
	// maxPerOrigin bounds the attempts of one origin that wait or are being checked: so many guesses can be under way
	// before the first of them is known to be wrong.
	maxPerOrigin = 16
)

var errBusy = errors.New("too many attempts wait to be checked")

// line is where attempts wait for their turn to be checked, which takes a core for a while. Whoever has the least
// against it goes first, and takes the place of whoever has the most where there is none left: with guessers by the
// hundred in front of it, a right password from somewhere clean would else never get its turn.
type line struct {
	mu      sync.Mutex
	free    int            // turns that nobody has
	waiting []*waiter      // the next one first
	origins map[uint64]int // attempts that wait or are being checked, by origin
}

type waiter struct {
	doubt int
	turn  chan bool // true: go; false: the place is another's
}

func newLine(turns int) *line { return &line{free: turns, origins: map[uint64]int{}} }

// enter waits for a turn, which lasts until leave is called. The attempts that an origin has under way already count
// against it. The error is errBusy, or ctx's.
func (l *line) enter(ctx context.Context, from Origin) (leave func(), err error) {
	w, err := l.queue(from)
	if err != nil {
		return nil, err
	}
	select {
	case mine := <-w.turn:
		if !mine {
			l.forget(from)
			return nil, errBusy
		}
	case <-ctx.Done():
		l.giveUp(w)
		l.forget(from)
		return nil, ctx.Err()
	}
	return func() { l.pass(); l.forget(from) }, nil
}

func (l *line) queue(from Origin) (*waiter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.origins[from.Key]
	if before >= maxPerOrigin {
		return nil, errBusy
	}
	w := &waiter{doubt: from.Doubt + before, turn: make(chan bool, 1)}
	switch {
	case l.free > 0: // then nobody waits
		l.free--
		w.turn <- true
	case len(l.waiting) < maxWaiting:
		l.insert(w)
	default:
		last := len(l.waiting) - 1
		if l.waiting[last].doubt <= w.doubt {
			return nil, errBusy
		}
		l.waiting[last].turn <- false
		l.waiting = slices.Delete(l.waiting, last, last+1)
		l.insert(w)
	}
	l.origins[from.Key]++
	return w, nil
}

// insert puts an attempt behind all that have as little against them.
func (l *line) insert(w *waiter) {
	at, _ := slices.BinarySearchFunc(l.waiting, w.doubt, func(other *waiter, doubt int) int {
		return cmp.Or(cmp.Compare(other.doubt, doubt), -1)
	})
	l.waiting = slices.Insert(l.waiting, at, w)
}

// pass gives a turn to the next one.
func (l *line) pass() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next()
}

func (l *line) next() {
	if len(l.waiting) == 0 {
		l.free++
		return
	}
	l.waiting[0].turn <- true
	l.waiting = slices.Delete(l.waiting, 0, 1)
}

// giveUp takes an attempt out of the line; the turn that it may have got by now goes to the next one.
func (l *line) giveUp(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := slices.Index(l.waiting, w); at >= 0 {
		l.waiting = slices.Delete(l.waiting, at, at+1)
		return
	}
	if <-w.turn {
		l.next()
	}
}

func (l *line) forget(from Origin) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.origins[from.Key]--; l.origins[from.Key] == 0 {
		delete(l.origins, from.Key)
	}
}

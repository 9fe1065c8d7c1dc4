package users

import (
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
// hundred in front of it, a right password from somewhere clean would else never get its turn. What an origin has under
// way counts against all of that, so that one attempt goes before those who send many at a time.
type line struct {
	mu      sync.Mutex
	free    int            // turns that nobody has
	waiting []*waiter      // as they came
	origins map[uint64]int // attempts that wait or are being checked, by origin
}

type waiter struct {
	from Origin
	turn chan bool // true: go; false: the place is another's
}

func newLine(turns int) *line { return &line{free: turns, origins: map[uint64]int{}} }

// enter waits for a turn, which lasts until leave is called. The error is errBusy, or ctx's.
func (l *line) enter(ctx context.Context, from Origin) (leave func(), err error) {
	w, err := l.queue(from)
	if err != nil {
		return nil, err
	}
	select {
	case mine := <-w.turn:
		if !mine {
			return nil, errBusy
		}
	case <-ctx.Done():
		l.giveUp(w)
		return nil, ctx.Err()
	}
	return func() { l.pass(w) }, nil
}

func (l *line) queue(from Origin) (*waiter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.origins[from.Key] >= maxPerOrigin {
		return nil, errBusy
	}
	l.origins[from.Key]++
	w := &waiter{from: from, turn: make(chan bool, 1)}
	if l.free > 0 { // then nobody waits
		l.free--
		w.turn <- true
		return w, nil
	}
	if len(l.waiting) >= maxWaiting {
		worst := l.worst()
		if l.against(l.waiting[worst]) <= l.against(w) {
			l.forget(w)
			return nil, errBusy
		}
		l.take(worst, false)
	}
	l.waiting = append(l.waiting, w)
	return w, nil
}

// against is what speaks against an attempt.
func (l *line) against(w *waiter) int { return w.from.Doubt + l.origins[w.from.Key] }

// best is whose turn it is: of those who have as little against them, whoever came first.
func (l *line) best() int { return l.first(func(a, b int) bool { return a < b }) }

// worst is who has to make room: of those who have as much against them, whoever came last.
func (l *line) worst() int { return l.first(func(a, b int) bool { return a >= b }) }

// first is the one before which there is no other. So few wait that looking at all of them is nothing beside a hash.
func (l *line) first(before func(a, b int) bool) (at int) {
	for i, w := range l.waiting {
		if before(l.against(w), l.against(l.waiting[at])) {
			at = i
		}
	}
	return at
}

// take takes an attempt out of the line, for its turn or for nothing.
func (l *line) take(at int, turn bool) {
	w := l.waiting[at]
	l.waiting = slices.Delete(l.waiting, at, at+1)
	if !turn {
		l.forget(w)
	}
	w.turn <- turn
}

// pass ends a turn and gives it to the next one.
func (l *line) pass(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(w)
	l.next()
}

func (l *line) next() {
	if len(l.waiting) == 0 {
		l.free++
		return
	}
	l.take(l.best(), true)
}

// giveUp takes out of the line who waits no longer; the turn that it may have got by now goes to the next one.
func (l *line) giveUp(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := slices.Index(l.waiting, w); at >= 0 {
		l.waiting = slices.Delete(l.waiting, at, at+1)
		l.forget(w)
	} else if <-w.turn {
		l.forget(w)
		l.next()
	}
}

func (l *line) forget(w *waiter) {
	if l.origins[w.from.Key]--; l.origins[w.from.Key] == 0 {
		delete(l.origins, w.from.Key)
	}
}

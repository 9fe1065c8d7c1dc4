package status

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// question is put once for all who want to know meanwhile and shortly after.
type question struct {
	mu   sync.Mutex
	last *glance
}

// glance is one answer to it. It is nobody's own: a caller that leaves says nothing about it to the others, who get the
// answer all the same.
type glance struct {
	done  chan struct{} // closed when the rest is set
	ended time.Time
	reach *Reach
}

// ask returns the glance that is going on or still fresh, or else a new one. silence is added when there is no answer.
func (q *question) ask(ctx context.Context, what func(context.Context) error, silence string) *glance {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last != nil {
		select {
		case <-q.last.done:
			if time.Since(q.last.ended) <= fresh {
				return q.last
			}
		default:
			return q.last
		}
	}
	g := &glance{done: make(chan struct{})}
	q.last = g
	go func() {
		g.reach = reach(context.WithoutCancel(ctx), what, silence)
		g.ended = time.Now()
		close(g.done)
	}()
	return g
}

// wait returns the answer, or nil when nothing was asked or ctx ends first.
func (g *glance) wait(ctx context.Context) *Reach {
	if g == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-g.done:
		return g.reach
	}
}

// reach asks within a limit.
func reach(ctx context.Context, ask func(context.Context) error, silence string) *Reach {
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	began := time.Now()
	err := ask(ctx)
	result := &Reach{Latency: float64(time.Since(began).Microseconds()) / 1000}
	switch fine := err == nil; {
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && !fine:
		result.Problem = fmt.Sprintf("no answer within %.0f s", reachLimit.Seconds()) + silence
	case fine:
		result.Reachable = &fine
	default:
		result.Reachable, result.Problem = &fine, err.Error()
	}
	return result
}

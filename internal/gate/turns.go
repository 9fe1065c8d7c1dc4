package gate

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// turns are the places of each user; one with nothing to be answered takes no room.
type turns struct {
	each   int64 // how many places a user has
	mu     sync.Mutex
	byUser map[string]*turn
}

func newTurns(each int64) *turns { return &turns{each: each, byUser: map[string]*turn{}} }

type turn struct {
	places *semaphore.Weighted
	users  int // requests that have or wait for a place
}

// take waits for a place, in the order of coming.
func (t *turns) take(ctx context.Context, user string) (leave func(), err error) {
	t.mu.Lock()
	mine := t.byUser[user]
	if mine == nil {
		mine = &turn{places: semaphore.NewWeighted(t.each)}
		t.byUser[user] = mine
	}
	mine.users++
	t.mu.Unlock()
	gone := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if mine.users--; mine.users == 0 {
			delete(t.byUser, user)
		}
	}
	if err := mine.places.Acquire(ctx, 1); err != nil {
		gone()
		return nil, err
	}
	return func() {
		mine.places.Release(1)
		gone()
	}, nil
}

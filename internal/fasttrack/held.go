package fasttrack

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// allAnswers bounds the answers that are held until their clients have taken them, in bytes; mostAnswer is the largest
	// of them, twice: as it is read and as it is sent. What is larger is MLflow's.
	allAnswers = 32 << 20
	mostAnswer = 16 << 20
	// firstHeld is what an answer is taken for before anything of it is known, and heldStep by how much that grows at least.
	firstHeld, heldStep = 16 << 10, 64 << 10
	// roomSoon is how long an answer waits for its first room. Those that have all of it may be waiting for clients that
	// take nothing: MLflow's answers need none.
	roomSoon = 250 * time.Millisecond
)

// held is one answer's part of allAnswers. It grows with the answer; a nil one counts nothing.
type held struct {
	of          *semaphore.Weighted
	booked, all int64
	full        bool
}

// hold waits a moment until there is room for an answer. ok is false when there is none.
func (r *Room) hold(q *request) (h *held, ok bool) {
	if !r.texts.TryAcquire(firstHeld) {
		ctx, cancel := context.WithTimeout(q.Context(), roomSoon)
		defer cancel()
		if r.texts.Acquire(ctx, firstHeld) != nil {
			return nil, false
		}
	}
	return &held{of: r.texts, booked: firstHeld}, true
}

// add counts bytes that an answer has grown by. From then on err tells whether there was room.
func (h *held) add(bytes int) {
	if h == nil {
		return
	}
	h.all += 2 * int64(bytes)
	if h.all <= h.booked || h.full {
		return
	}
	more := max(h.all-h.booked, heldStep)
	if h.all > mostAnswer || !h.of.TryAcquire(more) { // to wait for room while having some could be for ever
		h.full = true
		return
	}
	h.booked += more
}

// err is errDeclined when the answer takes more than there is room for.
func (h *held) err() error {
	if h != nil && h.full {
		return errDeclined
	}
	return nil
}

// release gives the room back.
func (h *held) release() { h.of.Release(h.booked) }

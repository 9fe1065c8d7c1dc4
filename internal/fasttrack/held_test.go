package fasttrack

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sync/semaphore"
)

func TestAnAnswerTakesRoomAsItGrows(t *testing.T) {
	room := semaphore.NewWeighted(1 << 20)
	h := &held{of: room, booked: 0}
	small := list{held: h}
	small.pair("key", "value")
	if h.err() != nil || h.booked != heldStep {
		t.Errorf("%v, %d", h.err(), h.booked)
	}
	other := &held{of: room}
	large := list{held: other}
	for range 1000 {
		large.pair("key", strings.Repeat("x", 1000))
	}
	if !errors.Is(other.err(), errDeclined) || other.booked > 1<<20-heldStep {
		t.Errorf("%v, %d booked beside another one", other.err(), other.booked)
	}
	h.release()
	other.release()
	if !room.TryAcquire(1 << 20) {
		t.Error("not all of it was given back")
	}
	var none *held
	none.add(1 << 30)
	if none.err() != nil {
		t.Error("one that nobody counts is full")
	}
}

func TestALargestAnswerIsMLflows(t *testing.T) {
	h := &held{of: semaphore.NewWeighted(1 << 40)}
	h.add(mostAnswer / 2)
	if h.err() != nil {
		t.Error(h.err())
	}
	h.add(1)
	if !errors.Is(h.err(), errDeclined) {
		t.Error("there is no limit")
	}
}

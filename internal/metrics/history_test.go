package metrics

import (
	"testing"
	"time"
)

func TestTheLastHourIsRememberedByMinute(t *testing.T) {
	t.Parallel()
	var h history
	now := time.Unix(1_800_000_030, 0)
	for range 19 {
		h.add(now, 200, 8*time.Millisecond)
	}
	h.add(now, 404, 3*time.Second)
	h.add(now.Add(-59*time.Minute), 503, time.Minute)
	h.add(now.Add(-30*time.Minute), 0, time.Millisecond) // a client that left
	all := h.last(now)
	if len(all) != Hour {
		t.Fatalf("%d minutes", len(all))
	}
	for i, want := range map[int]Minute{
		59: {Requests: 20, Refused: 1, Slow: 0.01},
		0:  {Requests: 1, Failed: 1, Slow: 60},
		29: {Requests: 1, Slow: 0.005},
		30: {},
	} {
		got := all[i]
		if !got.Start.Equal(now.Add(time.Duration(i-59) * time.Minute).Truncate(time.Minute)) {
			t.Errorf("minute %d begins at %v", i, got.Start)
		}
		got.Start = time.Time{}
		if got != want {
			t.Errorf("minute %d is %+v instead of %+v", i, got, want)
		}
	}
	// An hour later the same places are taken by other minutes.
	for i, m := range h.last(now.Add(time.Hour)) {
		if m.Requests != 0 {
			t.Errorf("minute %d of the next hour has %d requests", i, m.Requests)
		}
	}
	h.add(now.Add(time.Hour), 200, time.Second)
	if m := h.last(now.Add(time.Hour))[59]; m.Requests != 1 || m.Refused != 0 || m.Slow != 1 {
		t.Errorf("a place that is taken again has %+v", m)
	}
}

func TestTheServersOwnPagesAreNotInTheLastHour(t *testing.T) {
	t.Parallel()
	var m Requests
	for _, class := range []string{"health", "own", "runs", "ui"} {
		m.began()
		m.ended(class, 200, time.Millisecond)
	}
	all, sum := m.LastHour(), 0
	for _, minute := range all {
		sum += minute.Requests
	}
	if sum != 2 {
		t.Errorf("%d requests are remembered", sum)
	}
}

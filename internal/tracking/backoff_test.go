package tracking

import (
	"testing"
	"time"
)

func TestPausesDoubleUpToTheirLimit(t *testing.T) {
	b := defaultTiming.backoff
	for n, want := range []time.Duration{
		500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second,
		30 * time.Second, 30 * time.Second,
	} {
		if got := b.after(n); got != want {
			t.Errorf("pause %d is %v, want %v", n, got, want)
		}
	}
	if got := b.after(1_000_000); got != b.most {
		t.Errorf("after very many it is %v", got)
	}
}

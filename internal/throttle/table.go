package throttle

import "time"

// limit is a bucket's size and how fast it fills.
type limit struct {
	burst int
	every time.Duration // for one more
}

// table has buckets by key, in two generations: when the younger is full it becomes the older and the one before that is
// forgotten. So memory is bounded, and what is used stays. A bucket is one moment, the one at which it will be full
// again: each "every" that this lies ahead is one failure.
type table struct{ young, old map[uint64]time.Duration }

func (t *table) empty() bool { return len(t.young) == 0 && len(t.old) == 0 }

func (t *table) has(key uint64) bool {
	_, ok := t.young[key]
	if !ok {
		_, ok = t.old[key]
	}
	return ok
}

func (t *table) full(key uint64) time.Duration {
	at, ok := t.young[key]
	if !ok {
		at = t.old[key]
	}
	return at
}

// wait is how long until there is one token in the bucket.
func (t *table) wait(key uint64, l limit, now time.Duration) time.Duration {
	ahead := t.full(key) - now
	return max(0, ahead-time.Duration(l.burst-1)*l.every)
}

// spent is how many tokens are missing in the bucket.
func (t *table) spent(key uint64, l limit, now time.Duration) int {
	ahead := max(0, t.full(key)-now)
	return int((ahead + l.every - 1) / l.every)
}

// spend takes one token, even where there is none: the debt is paid back in time. One of more than ten times the burst
// is not counted.
func (t *table) spend(key uint64, l limit, now time.Duration) {
	full := min(max(t.full(key), now), now+time.Duration(10*l.burst)*l.every)
	if t.young == nil {
		t.young = map[uint64]time.Duration{}
	}
	if _, ok := t.young[key]; !ok && len(t.young) >= maxEntries {
		t.old, t.young = t.young, map[uint64]time.Duration{}
	}
	t.young[key] = full + l.every
}

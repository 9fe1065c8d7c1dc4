package metrics

import "time"

// Hour is how many minutes are remembered one by one.
const Hour = 60

// Minute is what happened in one of them.
type Minute struct {
	// Start is its beginning.
	Start time.Time
	// Requests that ended in it, without those of load balancers and for the server's own pages.
	Requests int
	// Refused were answered with a status of 4xx, Failed with 5xx.
	Refused, Failed int
	// Slow is the time within which 19 of 20 requests were answered, in seconds: a bound of the histogram that
	// Prometheus gets, so never less than the truth; 0 without requests.
	Slow float64
}

// history is a ring of minutes, by their number since 1970.
type history [Hour]struct {
	number                    int64
	requests, refused, failed int
	times                     [len(bounds) + 1]int
}

// add counts a request that ended now.
func (h *history) add(now time.Time, status int, took time.Duration) {
	number := now.Unix() / 60
	m := &h[number%Hour]
	if m.number != number {
		*m = history{}[0]
		m.number = number
	}
	m.requests++
	switch {
	case status >= 500:
		m.failed++
	case status >= 400:
		m.refused++
	}
	place, seconds := 0, took.Seconds()
	for place < len(bounds) && seconds > bounds[place] {
		place++
	}
	m.times[place]++
}

// last has the minutes up to now's, oldest first.
func (h *history) last(now time.Time) []Minute {
	all := make([]Minute, 0, Hour)
	for number := now.Unix()/60 - Hour + 1; number <= now.Unix()/60; number++ {
		minute := Minute{Start: time.Unix(number*60, 0)}
		if m := &h[number%Hour]; m.number == number {
			minute.Requests, minute.Refused, minute.Failed = m.requests, m.refused, m.failed
			minute.Slow = slow(m.times[:], m.requests)
		}
		all = append(all, minute)
	}
	return all
}

// slow is the bound below which 19 of 20 lie. What took longer than the last bound counts as twice that.
func slow(times []int, all int) float64 {
	if all == 0 {
		return 0
	}
	seen := 0
	for i, n := range times {
		seen += n
		if seen*20 >= all*19 && i < len(bounds) {
			return bounds[i]
		}
	}
	return 2 * bounds[len(bounds)-1]
}

// LastHour has the minutes up to the present one, oldest first.
func (m *Requests) LastHour() []Minute {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.history.last(time.Now())
}

package tracking

import "time"

// backoff is a pause that doubles from first to most.
type backoff struct{ first, most time.Duration }

// after returns the pause before the next start when n pauses have been made.
func (b backoff) after(n int) time.Duration {
	pause := b.first
	for range n {
		if pause *= 2; pause >= b.most {
			return b.most
		}
	}
	return min(pause, b.most)
}

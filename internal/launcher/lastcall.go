package launcher

import (
	"context"
	"net"
	"time"
)

const (
	// quiet is for how long nobody may have come in before the port closes: handshakes that are under way take a round trip.
	quiet = 100 * time.Millisecond
	// longestCall bounds that where new clients come in all the same.
	longestCall = time.Second
)

// lastCall closes the port when everybody who has come through it is let in. Closing a listening socket resets the
// connections that the kernel has made and nobody has accepted yet, on which a request may have been sent already: a proxy
// that opens a connection for each request would lose it. So the door is shut first, which not every system can do.
func lastCall(ctx context.Context, listener net.Listener, c *connections) {
	defer listener.Close()
	queued, ok := turnAway(listener)
	if !ok {
		return
	}
	began := time.Now()
	for last, since := c.accepted.Load(), began; time.Since(since) < quiet && time.Since(began) < longestCall || queued(); {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
		if now := c.accepted.Load(); now != last {
			last, since = now, time.Now()
		}
	}
}

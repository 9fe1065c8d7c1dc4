package launcher

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// lastWords is how long an idle connection is kept after the port was closed: a request may be on its way on it. Its
	// answer says that the connection closes, so that the client does not use it again.
	lastWords = time.Second
	// lookEvery is the pause between two looks at the connections.
	lookEvery = 20 * time.Millisecond
)

// connections knows which of a server's connections have a request, so that closing them cuts none off. http.Server's
// own Shutdown closes idle connections at once: a client that is just sending on one would lose that request.
type connections struct {
	draining atomic.Bool
	accepted atomic.Int64 // so many so far

	mu   sync.Mutex
	idle map[net.Conn]bool // whether it has no request
}

// watch makes the server tell about its connections. Call it before the server serves.
func watch(server *http.Server) *connections {
	c := &connections{idle: map[net.Conn]bool{}}
	server.ConnState = c.changed
	next := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
	return c
}

func (c *connections) changed(connection net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew {
		c.accepted.Add(1)
	}
	switch state {
	case http.StateNew, http.StateIdle:
		c.idle[connection] = true
	case http.StateActive:
		c.idle[connection] = false
	default:
		delete(c.idle, connection)
	}
}

func (c *connections) count() (all, busy int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, idle := range c.idle {
		if !idle {
			busy++
		}
	}
	return len(c.idle), busy
}

// drain takes no new connection, but who has connected already, and lets the requests in flight finish: until limit, or until forced.
func drain(server *http.Server, listener net.Listener, c *connections, limit time.Duration, forced <-chan struct{}, log *slog.Logger) {
	ctx, cancel := until(forced, limit)
	defer cancel()
	c.draining.Store(true)
	lastCall(ctx, listener, c)
	words := time.After(lastWords)
	for waiting := true; waiting; {
		if all, _ := c.count(); all == 0 {
			break
		}
		select {
		case <-words:
			waiting = false
		case <-ctx.Done():
			waiting = false
		case <-time.After(lookEvery):
		}
	}
	// The port is closed already, which Shutdown may still tell when all have been answered.
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, net.ErrClosed) {
		_, busy := c.count()
		log.Warn("requests in flight are cut off", "requests", busy, "cause", err)
	}
}

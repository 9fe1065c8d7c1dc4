package launcher

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// echo is how soon after the first signal another one counts as the same: platforms send SIGTERM to every process of a
// dyno and may repeat it, and "go run" and npm hand on a Ctrl-C that the terminal has delivered already.
const echo = time.Second

// signals turns SIGTERM and SIGINT into an end: the first one asks for it, a second one forces it.
type signals struct {
	ctx    context.Context // ends with the first signal or with the parent context
	forced chan struct{}   // closed by the second signal
	stop   func()
}

// listenForSignals listens until stop is called. On a dyno no SIGTERM forces: the platform may repeat it for as long as it
// waits, and kills by itself when it does so no longer. A person's Ctrl-C in "heroku run" does.
// Source: https://devcenter.heroku.com/articles/dyno-shutdown-behavior
func listenForSignals(parent context.Context, onDyno bool) signals {
	incoming := make(chan os.Signal, 2)
	signal.Notify(incoming, syscall.SIGTERM, syscall.SIGINT)
	s := heed(parent, onDyno, incoming)
	end := s.stop
	s.stop = func() {
		signal.Stop(incoming)
		end()
	}
	return s
}

// heed does what listenForSignals says with the signals that come in.
func heed(parent context.Context, onDyno bool, incoming <-chan os.Signal) signals {
	ctx, cancel := context.WithCancel(parent)
	s := signals{ctx: ctx, forced: make(chan struct{})}
	done := make(chan struct{})
	s.stop = func() {
		close(done)
		cancel()
	}
	go func() {
		var first time.Time
		for {
			var next os.Signal
			select {
			case next = <-incoming:
			case <-done:
				return
			}
			switch {
			case first.IsZero():
				first = time.Now()
				cancel()
			case time.Since(first) > echo && !(onDyno && next == syscall.SIGTERM):
				close(s.forced)
				return
			}
		}
	}()
	return s
}

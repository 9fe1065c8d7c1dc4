package tracking

import (
	"fmt"
	"time"
)

// lives decides, from how the child's lives have ended, when the next one begins and whether there is one: a crash loop
// has to end, so that the platform sees it.
type lives struct {
	timing    timing
	lastReady time.Time // when one was last ready, at first when all began
	failed    int       // in a row that never became ready
	unsteady  int       // in a row that ended before they had settled
	pauses    int       // since the last stable one
}

// after returns the pause before the next life, or why there is to be none.
func (l *lives) after(last outcome) (pause time.Duration, err error) {
	l.failed++
	l.unsteady++
	if last.readyFor > 0 {
		l.failed, l.lastReady = 0, time.Now()
	}
	if last.readyFor >= l.timing.settled {
		l.unsteady = 0
	}
	switch never := time.Since(l.lastReady); {
	case l.failed >= l.timing.maxFailed, l.failed > 1 && never >= l.timing.never:
		return 0, fmt.Errorf("MLflow did not become ready in %d starts, the last time: %w", l.failed, last.err)
	case l.unsteady >= l.timing.maxUnsteady:
		return 0, fmt.Errorf("MLflow ended within %v of its start %d times in a row, the last time: %w", l.timing.settled, l.unsteady, last.err)
	}
	if last.readyFor >= l.timing.stable {
		l.pauses = 0
		return 0, nil // after a stable life there is nothing to wait for
	}
	l.pauses++
	return l.timing.backoff.after(l.pauses - 1), nil
}

package provision

import (
	"strings"
	"sync/atomic"
	"time"
)

// Follower passes a Progress on and remembers the step, for those who ask how far an installation is. It is safe for
// concurrent use.
type Follower struct {
	Progress
	step atomic.Value
}

// Started remembers the step.
func (f *Follower) Started(step string) {
	f.step.Store(step)
	f.Progress.Started(step)
}

// Finished forgets it.
func (f *Follower) Finished(step, result string, took time.Duration, size int64) {
	f.step.Store("")
	f.Progress.Finished(step, result, took, size)
}

// Step is what is being done, without versions, "" for nothing: anybody may read it.
func (f *Follower) Step() string {
	step, _ := f.step.Load().(string)
	if number := strings.IndexAny(step, "0123456789"); number > 0 {
		step = step[:number]
	}
	step = strings.TrimSpace(step)
	if step == "" {
		return ""
	}
	return strings.ToLower(step[:1]) + step[1:]
}

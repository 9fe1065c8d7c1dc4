package provision

import (
	"strings"
	"sync"
	"time"
)

// The steps of every installation; those that only some have do not count.
const (
	stepUV       = "Getting uv"
	stepPackages = "Installing MLflow"
	stepPrune    = "Removing what a server never reads"
	stepCompile  = "Compiling bytecode"
	stepUI       = "Compressing the user interface"
	stepCheck    = "Checking the runtime"
)

// counted are these steps in their order.
var counted = []string{stepUV, stepPackages, stepPrune, stepCompile, stepUI, stepCheck}

// Position is how far an installation is.
type Position struct {
	// Step is what is being done, in a few words without versions, "" for nothing: anybody may read it.
	Step string
	// Done of All steps are finished.
	Done, All int
}

// Follower passes a Progress on and remembers how far it is, for those who ask. It is safe for concurrent use.
type Follower struct {
	Progress
	mu   sync.Mutex
	step string
	done int
}

// Started remembers the step. Those before it are done, or were not needed.
func (f *Follower) Started(step string) {
	f.at(step, step, 0)
	f.Progress.Started(step)
}

// Finished counts the step.
func (f *Follower) Finished(step, result string, took time.Duration, size int64) {
	f.at("", step, 1)
	f.Progress.Finished(step, result, took, size)
}

func (f *Follower) at(doing, step string, finished int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.step = doing
	for i, name := range counted {
		if strings.HasPrefix(step, name) {
			f.done = max(f.done, i+finished)
		}
	}
}

// Position is how far the installation is now.
func (f *Follower) Position() Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Position{Step: plainly(f.step), Done: f.done, All: len(counted)}
}

// plainly is a step in the middle of a sentence, up to a version.
func plainly(step string) string {
	if number := strings.IndexAny(step, "0123456789"); number > 0 {
		step = step[:number]
	}
	step = strings.TrimSpace(step)
	if step == "" {
		return ""
	}
	return strings.ToLower(step[:1]) + step[1:]
}

package harness

import (
	"fmt"
	"iter"
	"os"
	"strings"
	"syscall"
)

// CommandLines are the command lines of the launcher and all its descendants, arguments separated by spaces.
func (i *Instance) CommandLines() iter.Seq[string] { return CommandLines(i.Pid()) }

// CommandLines are those of a process, its session and its descendants.
func CommandLines(leader int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, p := range family(leader) {
			raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.pid))
			if err == nil && !yield(strings.ReplaceAll(string(raw), "\x00", " ")) {
				return
			}
		}
	}
}

// KillChildren kills every descendant of the launcher, as the kernel does when memory runs out, and returns how many there were.
func (i *Instance) KillChildren() int {
	killed := 0
	for _, p := range family(i.Pid()) {
		if p.pid != i.Pid() && syscall.Kill(p.pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	return killed
}

// HasChildren says whether the launcher has descendants.
func (i *Instance) HasChildren() bool { return len(family(i.Pid())) > 1 }

package tracking

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// killLeftovers kills those of the child's descendants that have left its process group, as programs of MLflow's job runners
// do, and waits until they are gone. They are told by their environment, so one that has replaced that stays.
func (c *child) killLeftovers() {
	mark, dying := []byte(familyVariable+"="+c.dir.path), map[int]bool{}
	for deadline := time.Now().Add(c.settle); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, pid := range killMarked(mark) {
			dying[pid] = true
		}
		if len(dying) == 0 {
			return
		}
		for pid := range dying {
			// They are ours as soon as their own parents are dead.
			if reaped, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); reaped == pid || errors.Is(err, unix.ECHILD) {
				delete(dying, pid)
			}
		}
	}
}

// killMarked kills the processes that have this in their environment and returns their numbers.
func killMarked(mark []byte) (killed []int) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || !marked(pid, mark) {
			continue
		}
		process, err := os.FindProcess(pid) // by a descriptor: from here on it is this one and no other
		if err != nil {
			continue
		}
		if marked(pid, mark) && process.Kill() == nil {
			killed = append(killed, pid)
		}
		_ = process.Release()
	}
	return killed
}

// marked is not said of a zombie: it has no environment any more.
func marked(pid int, mark []byte) bool {
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return false
	}
	for pair := range bytes.SplitSeq(environment, []byte{0}) {
		if bytes.Equal(pair, mark) {
			return true
		}
	}
	return false
}

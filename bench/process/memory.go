package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// PSS is the memory of the processes in bytes: what is theirs alone, and of what they share, with each other or with
// anybody, their proportion. The sum over all processes of a machine is what is in use, so that a page which workers share
// counts once. From /proc/PID/smaps_rollup.
func PSS(processes []Process) (int64, error) { return sum(processes, "Pss:") }

// Anonymous is the part of PSS that no file stands behind: heaps and stacks, what a leak would grow. It does not change when
// other programs begin or end that map the same libraries.
func Anonymous(processes []Process) (int64, error) { return sum(processes, "Pss_Anon:", "Pss_Shmem:") }

// sum adds up lines of all processes' smaps_rollup, in bytes.
func sum(processes []Process, names ...string) (int64, error) {
	var sum int64
	for _, p := range processes {
		bytes, err := rollup(p.PID, names)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it has ended meanwhile
		}
		if err != nil {
			return 0, fmt.Errorf("reading the memory of %v: %w", p, err)
		}
		sum += bytes
	}
	return sum, nil
}

// rollup is 0 for a kernel thread, and for a process that is just ending.
func rollup(pid int, names []string) (sum int64, err error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if !slices.Contains(names, name) {
			continue
		}
		kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return 0, err
		}
		sum += kb << 10
	}
	return sum, nil
}

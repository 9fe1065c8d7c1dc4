package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// PSS is the memory of the processes in bytes: what is theirs alone, and of what they share, with each other or with
// anybody, their proportion. The sum over all processes of a machine is what is in use, so that a page which workers share
// counts once. From /proc/PID/smaps_rollup.
func PSS(processes []Process) (int64, error) {
	var sum int64
	for _, p := range processes {
		bytes, err := pss(p.PID)
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

func pss(pid int) (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "Pss:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10, err
		}
	}
	return 0, nil // a kernel thread, or a process that is just ending
}

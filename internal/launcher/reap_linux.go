package launcher

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// strangerAge is how long a child may be dead before it is taken for nobody's: whoever started one waits for it at once.
const strangerAge = 10 * time.Second

// reapStrangers waits for dead processes that are ours only because their own parent ended: as PID 1 of a container this
// process gets everybody's, such as what "docker exec" leaves behind, and would collect zombies. It returns when ctx ends.
func reapStrangers(ctx context.Context) {
	deaths := make(chan os.Signal, 1)
	signal.Notify(deaths, syscall.SIGCHLD)
	defer signal.Stop(deaths)
	dead := map[int]time.Time{} // since when it was seen dead
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-deaths:
		case <-again:
		}
		now := time.Now()
		seen := map[int]time.Time{}
		for _, pid := range zombies() {
			seen[pid] = now
			if since, known := dead[pid]; known {
				seen[pid] = since
			}
			if now.Sub(seen[pid]) >= strangerAge {
				_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
				delete(seen, pid)
			}
		}
		dead, again = seen, nil
		if len(dead) > 0 {
			again = time.After(strangerAge / 4)
		}
	}
}

// zombies lists our dead children.
func zombies() (pids []int) {
	lists, _ := os.ReadDir("/proc/self/task")
	for _, thread := range lists {
		text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%s/children", thread.Name()))
		if err != nil {
			continue
		}
		for field := range strings.FieldsSeq(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil && isZombie(pid) {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

func isZombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, ok := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	return ok && len(rest) > 0 && rest[0] == 'Z'
}

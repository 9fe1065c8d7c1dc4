package tracking_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// group lists the processes of a worker's process group, zombies left out, with their command lines.
func group(t *testing.T, member int) map[int]string {
	t.Helper()
	harness.Require(t, "ps")
	leader, err := syscall.Getpgid(member)
	if err != nil {
		t.Fatalf("process %d: %v", member, err)
	}
	out, err := exec.CommandContext(t.Context(), "ps", "-A", "-o", "pid=,pgid=,stat=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) >= 4 && fields[1] == strconv.Itoa(leader) && !strings.HasPrefix(fields[2], "Z") {
			pid, _ := strconv.Atoi(fields[0])
			found[pid] = strings.Join(fields[3:], " ")
		}
	}
	return found
}

// gone waits for the end of processes and names those that stay.
func gone(t *testing.T, processes map[int]string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for pid, command := range processes {
		for runs(pid) {
			if time.Now().After(deadline) {
				t.Errorf("process %d still runs: %s", pid, command)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// runs says whether a process does; a zombie does not: this test process adopts those of the launchers that it kills.
func runs(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && !strings.HasPrefix(string(state), "Z")
}

func kill(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatalf("kill %d: %v", pid, err)
	}
}

// privateMB is the memory that a process has changed and shares with no other.
func privateMB(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "Private_Dirty:")
	var kB int
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return kB >> 10
}

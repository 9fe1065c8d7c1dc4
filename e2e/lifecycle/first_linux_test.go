package lifecycle

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

// As in a container, where nothing is there but the server.
func TestAsTheFirstProcessItBuriesStrangersAndStopsWhenAsked(t *testing.T) {
	unshare, nsenter := harness.Require(t, "unshare"), harness.Require(t, "nsenter")
	if out, err := exec.CommandContext(t.Context(), unshare, "--pid", "--fork", "--mount-proc", "true").CombinedOutput(); err != nil {
		harness.Missing(t, "a namespace of processes cannot be had here: %v %s", err, out)
	}
	s := harness.Start(t, harness.Options{Under: []string{unshare, "--pid", "--fork", "--kill-child", "--mount-proc"}})
	first := onlyChild(t, s.Pid())

	// As "docker exec" does: a process from outside, which leaves one of its own behind.
	orphan := exec.CommandContext(t.Context(), nsenter, "--target", strconv.Itoa(first), "--pid", "--mount", "sh", "-c", "sleep 0.5 & echo started")
	if out, err := orphan.Output(); err != nil || string(out) != "started\n" {
		t.Fatalf("%q %v", out, err)
	}
	until(t, "the orphan's death", func() bool { return len(zombies(t, first)) == 1 })
	until(t, "its burial", func() bool { return len(zombies(t, first)) == 0 })

	if err := syscall.Kill(first, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := s.WaitExit(time.Minute); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func onlyChild(t *testing.T, pid int) int {
	t.Helper()
	children := children(t, pid)
	if len(children) != 1 {
		t.Fatalf("children of %d: %v", pid, children)
	}
	return children[0]
}

func children(t *testing.T, pid int) (pids []int) {
	t.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for field := range strings.FieldsSeq(string(text)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, child)
		}
	}
	return pids
}

func zombies(t *testing.T, pid int) (dead []int) {
	t.Helper()
	for _, child := range children(t, pid) {
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child)); err == nil && strings.Contains(string(stat), ") Z ") {
			dead = append(dead, child)
		}
	}
	return dead
}

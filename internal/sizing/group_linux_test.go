package sizing

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// askVariable makes this test program one that prints the limit it is under.
const askVariable = "MLFLOW_SERVER_TEST_ASKS_FOR_THE_LIMIT"

func TestMain(m *testing.M) {
	if os.Getenv(askVariable) != "" {
		fmt.Println(MemoryLimit())
		return
	}
	os.Exit(m.Run())
}

// Real groups, of version 1 or 2, whichever the machine has: GitHub's runners have version 2.
func TestTheLimitOfARealGroupIsSeen(t *testing.T) {
	tried := 0
	for _, version := range []struct{ name, root, file string }{
		{"cgroup v1", "/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
		{"cgroup v2", "/sys/fs/cgroup", "memory.max"},
	} {
		if _, err := os.Stat(filepath.Join(version.root, "cgroup.procs")); err != nil {
			continue // no group, but the directory that those of version 1 are mounted in
		}
		outer := filepath.Join(version.root, "mlflow-server-test-"+strconv.Itoa(os.Getpid()))
		inner := filepath.Join(outer, "inner")
		if !group(t, outer) || !group(t, inner) {
			continue
		}
		if os.WriteFile(filepath.Join(outer, version.file), []byte("536870912"), 0o600) != nil {
			continue // a root without the controller for memory
		}
		tried++
		for _, dir := range []string{outer, inner} {
			enter := exec.CommandContext(t.Context(), "sh", "-c", `echo $$ >"$1/cgroup.procs" && exec "$2"`, "sh", dir, os.Args[0])
			enter.Env = append(os.Environ(), askVariable+"=yes")
			out, err := enter.CombinedOutput()
			if want := "536870912 " + version.name + "\n"; err != nil || string(out) != want {
				t.Errorf("in %s: %q (%v), want %q", dir, out, err, want)
			}
		}
		if version.name == "cgroup v1" { // what a container sees of the groups around it
			if got := readField(os.DirFS(inner), "memory.stat", "hierarchical_memory_limit "); got != 512*mb {
				t.Errorf("the limit above is %d for the group below", got)
			}
		}
	}
	if tried == 0 {
		const text = "no memory cgroup can be made below /sys/fs/cgroup"
		if os.Getenv("CI") == "true" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
}

// group makes one for the time of the test, where it can.
func group(t *testing.T, dir string) bool {
	t.Helper()
	if os.Mkdir(dir, 0o755) != nil { //nolint:gosec // the kernel's own are so
		return false
	}
	t.Cleanup(func() {
		err := os.Remove(dir)
		for deadline := time.Now().Add(20 * time.Second); errors.Is(err, syscall.EBUSY) && time.Now().Before(deadline); err = os.Remove(dir) {
			time.Sleep(50 * time.Millisecond) // the kernel is still busy with its last pages
		}
		if err != nil {
			t.Error(err)
		}
	})
	return true
}

package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNoMemoryGroup says that memory cannot be limited here.
var ErrNoMemoryGroup = errors.New("there is no memory cgroup that this user can write (v1 below /sys/fs/cgroup/memory)")

// MemoryGroup is a memory cgroup of version 1: processes in it, and all that they start, share a limit.
type MemoryGroup struct{ dir string }

// NewMemoryGroup makes one with a limit in bytes. Where the kernel counts swap, that is limited with it.
func NewMemoryGroup(limit int64) (*MemoryGroup, error) {
	g := &MemoryGroup{dir: fmt.Sprintf("/sys/fs/cgroup/memory/mlflow-bench-%d", os.Getpid())}
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoMemoryGroup, err)
	}
	bytes := strconv.FormatInt(limit, 10)
	if err := g.write("memory.limit_in_bytes", bytes); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrNoMemoryGroup, err), g.Close())
	}
	if err := g.write("memory.memsw.limit_in_bytes", bytes); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// Add puts a process into the group.
func (g *MemoryGroup) Add(pid int) error { return g.write("cgroup.procs", strconv.Itoa(pid)) }

// Read tells how many processes the kernel has killed for want of memory, and the most that was in use, in bytes.
func (g *MemoryGroup) Read() (kills int, most int64, err error) {
	text, err := os.ReadFile(filepath.Join(g.dir, "memory.max_usage_in_bytes"))
	if err == nil {
		most, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("reading the memory cgroup: %w", err)
	}
	control, err := os.ReadFile(filepath.Join(g.dir, "memory.oom_control"))
	if err != nil {
		return 0, 0, fmt.Errorf("reading the memory cgroup: %w", err)
	}
	for line := range strings.Lines(string(control)) {
		if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
			kills, err = strconv.Atoi(strings.TrimSpace(count))
		}
	}
	return kills, most, err
}

// Close removes the group; the processes in it must have been ended. The kernel may still be busy with their last pages.
func (g *MemoryGroup) Close() error {
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := os.Remove(g.dir)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EBUSY) || time.Now().After(deadline) {
			return fmt.Errorf("removing the memory cgroup: %w", err)
		}
	}
}

func (g *MemoryGroup) write(name, value string) error {
	return os.WriteFile(filepath.Join(g.dir, name), []byte(value), 0o644) //nolint:gosec // it exists
}

package sizing

import (
	"testing"
	"testing/fstest"
)

func TestTheMemoryLimitIsTheSmallestOnTheWayUp(t *testing.T) {
	machine := &fstest.MapFile{Data: []byte("MemTotal:       24683320 kB\nMemFree: 1 kB\n")}
	for _, tt := range []struct {
		name   string
		files  fstest.MapFS
		limit  int64
		source string
	}{
		{"no control group", fstest.MapFS{}, 0, ""},
		{"version 2, the container's own group at the root", fstest.MapFS{
			"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("536870912\n"),
		}, 512 * mb, "cgroup v2"},
		{"version 2, a limit above", fstest.MapFS{
			"proc/self/cgroup":                   file("0::/a/b\n"),
			"sys/fs/cgroup/a/b/memory.max":       file("max\n"),
			"sys/fs/cgroup/a/memory.max":         file("1073741824\n"),
			"sys/fs/cgroup/unrelated/memory.max": file("1\n"),
		}, 1024 * mb, "cgroup v2"},
		{"version 1, as on a dyno", fstest.MapFS{
			"proc/self/cgroup":                           file("12:cpu,cpuacct:/x\n7:memory:/y\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("536870912\n"),
		}, 512 * mb, "cgroup v1"},
		{"version 1, its own group", fstest.MapFS{
			"proc/self/cgroup": file("7:memory:/y\n0::/y\n"),
			"sys/fs/cgroup/memory/y/memory.limit_in_bytes": file("268435456\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes":   file("9223372036854771712\n"),
		}, 256 * mb, "cgroup v1"},
		{"version 1 without a limit", fstest.MapFS{
			"proc/self/cgroup":                           file("7:memory:/\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n"),
		}, 0, ""},
		{"version 1, a limit outside of the container", fstest.MapFS{
			"proc/self/cgroup":                           file("7:memory:/ecs/task/container\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n"),
			"sys/fs/cgroup/memory/memory.stat":           file("cache 1\nhierarchical_memory_limit 1073741824\nhierarchical_memsw_limit 1\ntotal_cache 1\n"),
		}, 1024 * mb, "cgroup v1"},
		{"version 2, a limit on the root group counts for those below", fstest.MapFS{
			"proc/self/cgroup":             file("0::/a/b\n"),
			"sys/fs/cgroup/a/b/memory.max": file("2147483648\n"),
			"sys/fs/cgroup/a/memory.max":   file("max\n"),
			"sys/fs/cgroup/memory.max":     file("536870912\n"),
		}, 512 * mb, "cgroup v2"},
		{"more than the machine has is no limit", fstest.MapFS{
			"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("99999999999999\n"),
		}, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.files["proc/meminfo"] = machine
			if limit, source := memoryLimit(tt.files); limit != tt.limit || source != tt.source {
				t.Errorf("%d by %q, want %d by %q", limit, source, tt.limit, tt.source)
			}
		})
	}
}

func TestTheMachinesMemoryIsKnown(t *testing.T) {
	if got := machineMemory(fstest.MapFS{"proc/meminfo": file("MemTotal:       24683320 kB\nMemFree: 1 kB\n")}); got != 24683320<<10 {
		t.Errorf("%d bytes", got)
	}
	if got := machineMemory(fstest.MapFS{}); got != 0 {
		t.Errorf("%d bytes where nothing says so", got)
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

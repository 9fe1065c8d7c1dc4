package sizing

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

// MachineMemory is what the machine has, in bytes; 0 where that is not known.
func MachineMemory() int64 { return machineMemory(os.DirFS("/")) }

// MemoryLimit is what this process and its children may use together, in bytes, and whose limit that is: a control
// group's (a dyno, a container, a systemd unit), the smallest on the way up counts. It is 0 where there is none below
// the machine's own memory.
func MemoryLimit() (limit int64, source string) { return memoryLimit(os.DirFS("/")) }

// memoryLimit reads from a root file system.
// Source: https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.max) and cgroup-v1/memory.html (5.2, stat file).
func memoryLimit(root fs.FS) (limit int64, source string) {
	machine := machineMemory(root)
	note := func(bytes int64, name string) {
		if bytes > 0 && (machine == 0 || bytes < machine) && (limit == 0 || bytes < limit) {
			limit, source = bytes, name
		}
	}
	v1, v2 := groups(root)
	// Inside a container the group's path is usually not below the mount, whose root is then the container's group.
	for _, dir := range upwards(v2) {
		note(readLimit(root, path.Join("sys/fs/cgroup", dir, "memory.max")), "cgroup v2")
	}
	for _, dir := range upwards(v1) {
		group := path.Join("sys/fs/cgroup/memory", dir)
		note(readLimit(root, path.Join(group, "memory.limit_in_bytes")), "cgroup v1")
		// This counts the groups above too, those outside of a container as well, which cannot be seen in there. Version 2 has no
		// such file.
		note(readField(root, path.Join(group, "memory.stat"), "hierarchical_memory_limit "), "cgroup v1")
	}
	return limit, source
}

// groups are the paths of this process's memory groups.
func groups(root fs.FS) (v1, v2 string) {
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return "", ""
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3) // number:controllers:path
		if len(fields) != 3 {
			continue
		}
		if fields[0] == "0" && fields[1] == "" {
			v2 = fields[2]
		}
		for controller := range strings.SplitSeq(fields[1], ",") {
			if controller == "memory" {
				v1 = fields[2]
			}
		}
	}
	return v1, v2
}

// upwards lists a group and those above it, the root last.
func upwards(group string) []string {
	group = path.Clean("/" + group)
	var all []string
	for ; group != "/"; group = path.Dir(group) {
		all = append(all, group)
	}
	return append(all, "/")
}

// readLimit returns 0 for no limit. Version 1 says a number near 2^63 for that, which is above any machine's memory.
func readLimit(root fs.FS, file string) int64 {
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return 0
	}
	limit, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil { // "max"
		return 0
	}
	return limit
}

func machineMemory(root fs.FS) int64 { return readField(root, "proc/meminfo", "MemTotal:") << 10 } // it is in kB

// readField returns the number behind a name in a file of one such pair a line, 0 where it is not there.
func readField(root fs.FS, file, name string) int64 {
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			number, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return number
		}
	}
	return 0
}

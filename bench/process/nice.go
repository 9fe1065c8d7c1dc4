package process

import (
	"os"
	"strconv"
	"strings"
)

// Nice is this process's priority as nice(1) counts it, from -20 (the highest) to 19; 0 where the system does not tell as
// Linux does (proc_pid_stat(5)).
func Nice() int {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the command's name before it may hold spaces
	fields := strings.Fields(rest)
	const field = 19 - 3 // the third is the first after the name
	if len(fields) <= field {
		return 0
	}
	nice, err := strconv.Atoi(fields[field])
	if err != nil {
		return 0
	}
	return nice
}

package result

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is what the figures are of.
type Machine struct {
	CPU   string `json:"cpu"`
	Cores int    `json:"cores"`
	// Memory is in MB of 1,048,576 bytes.
	Memory int    `json:"memory_mb"`
	OS     string `json:"os"`
	Kernel string `json:"kernel"`
	// Load is the 1-minute load average when the run began, before it did anything: 0 is a quiet machine.
	Load float64 `json:"load_before"`
}

// ThisMachine looks at the machine. What cannot be found out is empty.
func ThisMachine() Machine {
	m := Machine{Cores: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Kernel: firstWord("/proc/sys/kernel/osrelease")}
	m.CPU = valueIn("/proc/cpuinfo", "model name")
	kb, _ := strconv.Atoi(strings.TrimSuffix(valueIn("/proc/meminfo", "MemTotal"), " kB"))
	m.Memory = kb / 1024
	m.Load, _ = strconv.ParseFloat(firstWord("/proc/loadavg"), 64)
	return m
}

// busy is the load average for each core from which on a result is marked. A machine that has just built this program is
// not at 0.
const busy = 0.75

// Remarks are what to know about figures of this machine: none of a quiet one.
func (m Machine) Remarks() []string {
	if m.Load <= busy*float64(m.Cores) {
		return nil
	}
	return []string{fmt.Sprintf("The machine was busy with other things (load average %.1f before the run): the absolute figures are worth "+
		"little and the ratios not much more.", m.Load)}
}

func firstWord(file string) string {
	raw, _ := os.ReadFile(file)
	if words := bytes.Fields(raw); len(words) > 0 {
		return string(words[0])
	}
	return ""
}

// valueIn is the value of the first line "name : value" of a file.
func valueIn(file, name string) string {
	raw, _ := os.ReadFile(file)
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

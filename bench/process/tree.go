// Package process looks at the processes that a benchmark started, through /proc: which they are, what memory and
// processor time they take, and how to hold, release and end them. It needs Linux.
package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Process is one process at the moment of the look.
type Process struct {
	PID     int
	Command string
	// CPU is the processor time it has used, in user and kernel mode, its own threads' only.
	CPU time.Duration

	parent, session int
	start           string // tells it from a later process with the same number
}

// Tree lists a process and all that belongs to it: its descendants, and whatever is still in the session that it leads.
// Parents stand before their children. Zombies are left out.
func Tree(leader int) ([]Process, error) {
	all, err := list()
	if err != nil {
		return nil, err
	}
	depth := map[int]int{leader: 0}
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if _, known := depth[p.PID]; known {
				continue
			}
			if d, ok := depth[p.parent]; ok {
				depth[p.PID], grown = d+1, true
			}
		}
	}
	const orphaned = 1 << 20
	var found []Process
	for _, p := range all {
		_, descends := depth[p.PID]
		if !descends && p.session == leader {
			depth[p.PID] = orphaned
		}
		if descends || p.session == leader {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b Process) int { return depth[a.PID] - depth[b.PID] })
	return found, nil
}

// CPU is the processor time that the processes had used together.
func CPU(processes []Process) time.Duration {
	var sum time.Duration
	for _, p := range processes {
		sum += p.CPU
	}
	return sum
}

func list() ([]Process, error) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	if len(stats) == 0 {
		return nil, errors.New("there is no /proc: the benchmark needs Linux")
	}
	var found []Process
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		if p, ok := parse(string(raw)); ok {
			found = append(found, p)
		}
	}
	return found, nil
}

// tick is the unit of times in /proc: the kernel's USER_HZ is 100 on every architecture (proc_pid_stat(5)).
const tick = 10 * time.Millisecond

// parse reads a line of /proc/PID/stat; ok is false for a zombie.
func parse(text string) (p Process, ok bool) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return p, false
	}
	fields := strings.Fields(text[end+1:]) // from field 3 on: state, ppid, pgrp, session, …
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return p, false
	}
	number := func(field int) int {
		n, _ := strconv.Atoi(fields[field-3])
		return n
	}
	p = Process{
		Command: text[open+1 : end], parent: number(4), session: number(6), start: fields[22-3],
		CPU: time.Duration(number(14)+number(15)) * tick,
	}
	var err error
	p.PID, err = strconv.Atoi(strings.TrimSpace(text[:open]))
	return p, err == nil
}

func (p Process) String() string { return fmt.Sprintf("%d (%s)", p.PID, p.Command) }

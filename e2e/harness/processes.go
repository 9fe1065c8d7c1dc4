package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// process is one entry of /proc; its start time tells it from a later process with the same number.
type process struct {
	pid, parent, session int
	start, command       string
}

// processes lists what runs now, without zombies: those are the business of whoever adopts them. Where there is no /proc it is empty.
func processes() []process {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var found []process
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		text := string(raw)
		open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
		if open < 0 || end < open {
			continue
		}
		fields := strings.Fields(text[end+1:]) // state, ppid, pgrp, session, …; see proc_pid_stat(5)
		if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
			continue
		}
		p := process{start: fields[19], command: text[open+1 : end]}
		p.pid, _ = strconv.Atoi(strings.TrimSpace(text[:open]))
		p.parent, _ = strconv.Atoi(fields[1])
		p.session, _ = strconv.Atoi(fields[3])
		found = append(found, p)
	}
	return found
}

// family lists the processes of a session and all descendants of its leader, the leader included.
func family(leader int) []process {
	all := processes()
	member := map[int]bool{leader: true}
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if !member[p.pid] && (p.session == leader || member[p.parent]) {
				member[p.pid], grown = true, true
			}
		}
	}
	var found []process
	for _, p := range all {
		if member[p.pid] {
			found = append(found, p)
		}
	}
	return found
}

// alive returns those of the given processes that still run.
func alive(before []process) []process {
	now := map[string]bool{}
	for _, p := range processes() {
		now[p.identity()] = true
	}
	var left []process
	for _, p := range before {
		if now[p.identity()] {
			left = append(left, p)
		}
	}
	return left
}

func (p process) identity() string { return strconv.Itoa(p.pid) + "@" + p.start }

func (p process) String() string { return fmt.Sprintf("%d (%s)", p.pid, p.command) }

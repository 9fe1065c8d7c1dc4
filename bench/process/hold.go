package process

import (
	"fmt"
	"slices"
	"syscall"
	"time"
)

// Hold stops a process and all that belongs to it until Release. What is measured meanwhile has the machine to itself: an
// idle "mlflow server" has eight processes of jobs that look for work.
//
// Parents are stopped before their children and released after them: uvicorn's main process kills a worker that does not
// answer its ping.
func Hold(leader int) error {
	held := map[int]bool{}
	for {
		tree, err := Tree(leader)
		if err != nil {
			return err
		}
		before := len(held)
		for _, p := range tree {
			if held[p.PID] {
				continue
			}
			if err := syscall.Kill(p.PID, syscall.SIGSTOP); err != nil && err != syscall.ESRCH {
				return fmt.Errorf("holding %v: %w", p, err)
			}
			held[p.PID] = true
		}
		if len(held) == before { // nothing was started while we looked
			return nil
		}
	}
}

// Release lets go what Hold stopped.
func Release(leader int) error {
	tree, err := Tree(leader)
	if err != nil {
		return err
	}
	for _, p := range slices.Backward(tree) {
		if err := syscall.Kill(p.PID, syscall.SIGCONT); err != nil && err != syscall.ESRCH {
			return fmt.Errorf("releasing %v: %w", p, err)
		}
	}
	return nil
}

// KillSurvivors ends those of the processes that still run and waits until they are gone.
func KillSurvivors(known []Process) error {
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		left, err := alive(known)
		if err != nil || len(left) == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%v could not be ended", left)
		}
		for _, p := range left {
			_ = syscall.Kill(p.PID, syscall.SIGKILL) // it may have ended between the look and this
		}
	}
}

func alive(known []Process) ([]Process, error) {
	all, err := list()
	if err != nil {
		return nil, err
	}
	var left []Process
	for _, p := range known {
		if slices.ContainsFunc(all, func(q Process) bool { return q.PID == p.PID && q.start == p.start }) {
			left = append(left, p)
		}
	}
	return left, nil
}

//go:build !linux

package tracking

import "syscall"

// processAttributes puts the child into a process group of its own: a terminal's Ctrl-C does not reach it, and it can
// be killed with all its descendants. Only Linux can tie its life to ours; elsewhere the lifeline has to do.
func processAttributes(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// adoptOrphans does nothing: the system's first process reaps orphans.
func adoptOrphans() {}

// await waits for the program's end and kills what is left of its group.
func (c *child) await() error {
	err := c.cmd.Wait()
	killGroup(c.cmd.Process.Pid)
	return err
}

func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// killProcess ends one process of the group.
func killProcess(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }

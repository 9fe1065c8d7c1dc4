package tracking

import (
	"errors"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// processAttributes puts the child into a process group of its own: a terminal's Ctrl-C does not reach it, and it can
// be killed with all its descendants. dies has the kernel kill it together with the launcher.
func processAttributes(dies bool) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if dies {
		attributes.Pdeathsig = syscall.SIGKILL
	}
	return attributes
}

// adoptOrphans makes this process the parent of descendants whose own parent has died, so that it can wait for them
// (prctl(2), PR_SET_CHILD_SUBREAPER; PID 1 is that anyway).
func adoptOrphans() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// await waits for the program's end, kills what is left of its descendants and waits for its group, which would otherwise be
// left as zombies. Others are waited for as strangers are (launcher, reap_linux.go).
func (c *child) await() error {
	pid := c.cmd.Process.Pid
	for {
		// Without reaping: as long as the leader is a zombie, its group's number cannot be anybody else's.
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	killGroup(pid)
	c.killLeftovers()
	err := c.cmd.Wait()
	for deadline := time.Now().Add(c.settle); time.Now().Before(deadline); {
		// What the kernel has handed to us because its parent died. Only this group: other children have their own Wait.
		reaped, waitErr := unix.Wait4(-pid, nil, unix.WNOHANG, nil)
		switch {
		case errors.Is(waitErr, unix.ECHILD):
			return err
		case reaped == 0:
			time.Sleep(5 * time.Millisecond)
		}
	}
	return err
}

func killGroup(pid int) { _ = unix.Kill(-pid, unix.SIGKILL) }

// killProcess ends one process of the group.
func killProcess(pid int) { _ = unix.Kill(pid, unix.SIGKILL) }

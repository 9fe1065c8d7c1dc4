package provision

import "syscall"

// groupAttributes puts a child into a process group of its own, to be stopped as one, and lets it die with this program:
// a killed installation must not go on writing into a directory that the next one removes.
func groupAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

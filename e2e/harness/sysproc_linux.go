package harness

import "syscall"

// ownSession starts a process in a session of its own, by which its descendants are found again, and has the kernel kill it if the
// test process dies. A credential of nil keeps the current user.
func ownSession(credential *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL, Credential: credential}
}

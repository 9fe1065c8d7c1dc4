package cloud

import "syscall"

// withTest has the kernel end a program when the test process dies.
func withTest() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

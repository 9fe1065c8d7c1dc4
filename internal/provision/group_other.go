//go:build unix && !linux

package provision

import "syscall"

// groupAttributes puts a child into a process group of its own, to be stopped as one.
func groupAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

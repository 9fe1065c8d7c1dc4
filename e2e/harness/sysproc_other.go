//go:build !linux

package harness

import "syscall"

func ownSession(credential *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Credential: credential}
}

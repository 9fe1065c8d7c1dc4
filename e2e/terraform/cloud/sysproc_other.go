//go:build !linux

package cloud

import "syscall"

func withTest() *syscall.SysProcAttr { return nil }

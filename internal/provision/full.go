package provision

import (
	"fmt"
	"syscall"
)

// fullBelow is the free space, in bytes, under which a failure is blamed on the disk.
const fullBelow = 2e6

// orFull names the likely cause of an error that happened while the disk that dir is on was full: not every program says
// so, and a Python that read its own cut-off bytecode says something else entirely.
func orFull(err error, dir string) error {
	var disk syscall.Statfs_t
	if kindOf(err) == "" && syscall.Statfs(dir, &disk) == nil && disk.Bavail*uint64(disk.Bsize) < fullBelow {
		return fmt.Errorf("%w (%w)", syscall.ENOSPC, err)
	}
	return err
}

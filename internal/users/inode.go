package users

import (
	"os"
	"syscall"
)

// inode is the file's number on its file system.
func inode(info os.FileInfo) any {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino
	}
	return nil
}

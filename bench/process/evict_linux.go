package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Evict has the kernel forget what it holds of the files at and below paths, so that the next to read them waits for the
// disk, as after a start of the machine (posix_fadvise(2), POSIX_FADV_DONTNEED). What a process has mapped stays, and so does
// what has not been written yet, which is written first.
func Evict(paths ...string) error {
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			return evict(name)
		})
		if err != nil {
			return fmt.Errorf("taking files out of the page cache: %w", err)
		}
	}
	return nil
}

func evict(name string) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := unix.Fdatasync(int(f.Fd())); err != nil {
		return &fs.PathError{Op: "fdatasync", Path: name, Err: err}
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		return &fs.PathError{Op: "fadvise", Path: name, Err: err}
	}
	return nil
}

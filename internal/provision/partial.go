package provision

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// newPartial makes the directory beside final in which the runtime is built.
func newPartial(final string) (string, error) {
	dir, err := os.MkdirTemp(filepath.Dir(final), fmt.Sprintf("%s.partial-%d-", filepath.Base(final), os.Getpid()))
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755) // MkdirTemp's 0700 would keep other users out of a shared runtime
}

// removeStale removes what interrupted installations of the same runtime left. The caller holds the lock, so nobody is
// still writing there.
func removeStale(final string) {
	for _, kind := range []string{".partial-", ".old-"} {
		entries, err := os.ReadDir(filepath.Dir(final))
		if err != nil {
			return
		}
		prefix := filepath.Base(final) + kind
		for _, e := range entries {
			if len(e.Name()) > len(prefix) && e.Name()[:len(prefix)] == prefix {
				_ = os.RemoveAll(filepath.Join(filepath.Dir(final), e.Name()))
			}
		}
	}
}

// replace moves partial to final, out of whose way it moves a runtime that can no longer be used.
func replace(partial, final string) error {
	err := os.Rename(partial, final) // also onto an empty directory
	if err == nil {
		return nil
	}
	if _, missing := os.Lstat(final); errors.Is(missing, fs.ErrNotExist) {
		return err
	}
	old := fmt.Sprintf("%s.old-%d", final, os.Getpid())
	if err := os.Rename(final, old); err != nil {
		return err
	}
	if err := os.Rename(partial, final); err != nil {
		return errors.Join(err, os.Rename(old, final))
	}
	return os.RemoveAll(old)
}

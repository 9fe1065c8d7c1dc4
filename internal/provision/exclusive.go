package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a waiting process looks whether the other has ended.
const lockPoll = 200 * time.Millisecond

// exclusive makes this process the only one that installs to final, waiting for another one to end. The lock is the
// system's on a file beside final, so it ends with its process, however that dies.
func (in *installation) exclusive(ctx context.Context, final string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return nil, failed("making a directory for the runtime", err)
	}
	name := final + ".lock"
	told := false
	for {
		lock := flock.New(name)
		got, err := lock.TryLock()
		if err == nil && !got {
			if !told {
				in.progress.Note("another process is installing this runtime: waiting for it")
				told = true
			}
			got, err = lock.TryLockContext(ctx, lockPoll)
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil, ended(ctx)
			}
			return nil, failed(fmt.Sprintf("locking %s", name), err)
		}
		// The one before removed the file when it was done, and a third process may have made it anew.
		if got && sameFile(lock, name) {
			return func() { _ = errors.Join(os.Remove(name), lock.Unlock()) }, nil
		}
		_ = lock.Unlock()
	}
}

// sameFile says that the locked file is still the one of that name.
func sameFile(lock *flock.Flock, name string) bool {
	held, err := lock.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(name)
	return err == nil && os.SameFile(held, now)
}

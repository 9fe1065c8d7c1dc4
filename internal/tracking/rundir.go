package tracking

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

const (
	runDirPrefix = "mlflow-server-run-"
	lockName     = "lock"
	// maxSocketPath is what fits everywhere: sun_path has 108 bytes on Linux and 104 on macOS, with the final zero.
	maxSocketPath = 103
)

// runDir is a private directory for one life of the child: its program and its sockets.
type runDir struct {
	path string
	lock *os.File // held as long as the directory is in use
}

// newRunDir makes the directory (mode 0700) where socket paths are short enough, and removes those that killed
// launchers have left.
func newRunDir(workers int) (*runDir, error) {
	var problems []error
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		if len(filepath.Join(parent, runDirPrefix+"4294967295", "w"+strconv.Itoa(workers)+".sock")) > maxSocketPath {
			problems = append(problems, fmt.Errorf("%s: its path is too long for a unix socket", parent))
			continue
		}
		removeStale(parent)
		path, err := os.MkdirTemp(parent, runDirPrefix)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		lock, err := lockIn(path)
		if err != nil {
			_ = os.RemoveAll(path)
			problems = append(problems, err)
			continue
		}
		return &runDir{path: path, lock: lock}, nil
	}
	return nil, fmt.Errorf("make a directory for MLflow's sockets: %w", errors.Join(problems...))
}

func (d *runDir) remove() {
	_ = os.RemoveAll(d.path)
	_ = d.lock.Close()
}

// lockIn makes a lock that is held before others can see it: who removes stale directories must not take it in between.
func lockIn(dir string) (*os.File, error) {
	name := filepath.Join(dir, lockName)
	lock, err := os.OpenFile(name+".new", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	if err := os.Rename(lock.Name(), name); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return lock, nil
}

// removeStale removes the directories whose lock nobody holds. A launcher that was killed could not do it; a directory
// without a lock file is one that is just being made.
func removeStale(parent string) {
	paths, _ := filepath.Glob(filepath.Join(parent, runDirPrefix+"*"))
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || !info.IsDir() || !ownedByUs(info) {
			continue
		}
		lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|syscall.O_NOFOLLOW, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(path)
		}
		_ = lock.Close()
	}
}

// ownedByUs keeps other users' directories in a shared /tmp out of it: what stands there is theirs to say.
func ownedByUs(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}

package artifacts

import (
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
)

// MLflow keeps unfinished files under stagingPrefix, hides them in listings and reserves the prefix
// (mlflow/store/artifact/local_artifact_repo.py). This server's are called so too, at the top of the store and with the
// mark of their process, so that a later start finds what a killed process left.
const (
	stagingPrefix = ".artifact.uploading."
	stagingMark   = stagingPrefix + "gate-"
	lockSuffix    = ".lock"
)

// isStaged says whether a path is a file that is still being written, or a lock.
func isStaged(name string) bool {
	return strings.HasPrefix(strings.TrimPrefix(name, "./"), stagingMark)
}

// staging makes up names for unfinished files. They belong to a lock that the kernel gives up with the process. Where the
// file system has no locks, there is none, and what a killed process left is found by its age.
type staging struct {
	dir  string
	n    atomic.Int64
	mu   sync.Mutex
	lock *flock.Flock // nil where there are no locks
	mark string       // empty before the first name

	take func(*flock.Flock) (bool, error) // (*flock.Flock).TryLock, except in tests
}

func newStaging(dir string) *staging { return &staging{dir: dir, take: (*flock.Flock).TryLock} }

func (s *staging) name() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mark == "" {
		s.mark = stagingMark + rand.Text()
		lock := flock.New(filepath.Join(s.dir, s.mark+lockSuffix))
		if locked, err := s.take(lock); err == nil && locked {
			s.lock = lock
		} else {
			_ = lock.Close()
			_ = os.Remove(lock.Path())
		}
	}
	return s.mark + "-" + strconv.FormatInt(s.n.Add(1), 36)
}

func (s *staging) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock != nil {
		_ = os.Remove(s.lock.Path())
		_ = s.lock.Close()
	}
	s.lock, s.mark = nil, ""
}

// sweepStaging removes the unfinished files of processes that are no more: at once those whose lock nobody holds, after a
// day without a change those that have none.
func sweepStaging(dir string, log *slog.Logger) {
	swept := 0
	remove := func(file string) {
		if err := os.Remove(file); err != nil {
			log.Warn("an unfinished upload cannot be removed", "error", err)
			return
		}
		swept++
	}
	glob := func(pattern string) []string {
		files, _ := filepath.Glob(escapeGlob(filepath.Join(dir, stagingMark)) + pattern)
		return files
	}
	for _, path := range glob("*" + lockSuffix) {
		lock := flock.New(path)
		if locked, err := lock.TryLock(); err != nil || !locked {
			_ = lock.Close()
			continue
		}
		mark := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), lockSuffix), stagingMark)
		for _, file := range glob(escapeGlob(mark) + "-*") {
			remove(file)
		}
		_ = os.Remove(path)
		_ = lock.Close()
	}
	for _, path := range glob("*-*") {
		mark := path[:strings.LastIndexByte(path, '-')]
		if _, err := os.Stat(mark + lockSuffix); err == nil {
			continue // it was looked at above
		}
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > abandoned {
			remove(path)
		}
	}
	if swept > 0 {
		log.Info("swept unfinished uploads", "files", swept)
	}
}

// escapeGlob makes a path mean itself in a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

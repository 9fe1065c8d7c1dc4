package artifacts

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

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

// staging makes up names for unfinished files. They belong to a lock that the kernel gives up with the process.
type staging struct {
	dir  string
	n    atomic.Int64
	mu   sync.Mutex
	lock *flock.Flock
	mark string
}

func (s *staging) name() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock == nil {
		mark := stagingMark + rand.Text()
		lock := flock.New(filepath.Join(s.dir, mark+lockSuffix))
		if locked, err := lock.TryLock(); err != nil {
			return "", fmt.Errorf("locking unfinished uploads: %w", err)
		} else if !locked {
			return "", fmt.Errorf("locking unfinished uploads: %s is taken", mark)
		}
		s.lock, s.mark = lock, mark
	}
	return s.mark + "-" + strconv.FormatInt(s.n.Add(1), 36), nil
}

func (s *staging) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock != nil {
		_ = os.Remove(s.lock.Path())
		_ = s.lock.Close()
		s.lock = nil
	}
}

// sweepStaging removes the unfinished files of processes that are no more.
func sweepStaging(dir string, log *slog.Logger) {
	locks, _ := filepath.Glob(filepath.Join(escapeGlob(dir), stagingMark+"*"+lockSuffix))
	for _, path := range locks {
		lock := flock.New(path)
		if locked, err := lock.TryLock(); err != nil || !locked {
			continue
		}
		files, _ := filepath.Glob(escapeGlob(strings.TrimSuffix(path, lockSuffix)) + "-*")
		for _, file := range files {
			if err := os.Remove(file); err != nil {
				log.Warn("an unfinished upload cannot be removed", "error", err)
			}
		}
		_ = os.Remove(path)
		_ = lock.Close()
		log.Info("swept unfinished uploads", "files", len(files))
	}
}

// escapeGlob makes a path mean itself in a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

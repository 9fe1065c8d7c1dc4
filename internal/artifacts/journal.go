package artifacts

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"
)

// journal keeps a list of the uploads in parts that this process has under way, in a file with a lock for as long as
// the process lives. A start that finds such a file without its lock knows what a killed process left in the store. On
// a disk that is lost with the process, sweep finds it by its age.
type journal struct {
	mu      sync.Mutex
	dir     string // empty: there is no journal
	path    string
	lock    *flock.Flock
	pending map[note]unfinished
	last    note
}

// note is one upload in the journal.
type note int64

type unfinished struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	ID     string `json:"id"`
}

const journalPattern = ".artifact-uploads-*.json"

func newJournal(dir string) *journal { return &journal{dir: dir, pending: map[note]unfinished{}} }

// add notes an upload. A journal that cannot be written is no reason to refuse one.
func (j *journal) add(u unfinished) note {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	j.pending[j.last] = u
	j.write()
	return j.last
}

func (j *journal) remove(n note) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.pending, n)
	j.write()
}

// lockOf is the file whose lock says that the process of a journal lives. It is another one, since the journal is replaced
// with every change: a process that is killed leaves the old one or the new one, and no half of either.
func lockOf(path string) string { return path + lockSuffix }

// write replaces the file by the list. The lock is held.
func (j *journal) write() {
	if j.dir == "" {
		return
	}
	if j.lock == nil && (len(j.pending) == 0 || !j.open()) {
		return
	}
	list := make([]unfinished, 0, len(j.pending))
	for _, u := range j.pending {
		list = append(list, u)
	}
	_ = writeJournal(j.path, list)
}

// open makes up a name for the file and locks it. Where that cannot be done there is no journal.
func (j *journal) open() bool {
	if os.MkdirAll(j.dir, 0o700) != nil {
		return false
	}
	path := filepath.Join(j.dir, strings.Replace(journalPattern, "*", rand.Text(), 1))
	lock := flock.New(lockOf(path))
	if locked, err := lock.TryLock(); err != nil || !locked {
		_ = lock.Close()
		_ = os.Remove(lock.Path())
		j.dir = ""
		return false
	}
	j.lock, j.path = lock, path
	return true
}

func writeJournal(path string, list []unfinished) error {
	text, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("noting uploads that are under way: %w", err)
	}
	if err := os.WriteFile(unfinishedCopy(path), text, 0o600); err != nil {
		return fmt.Errorf("noting uploads that are under way: %w", err)
	}
	if err := os.Rename(unfinishedCopy(path), path); err != nil {
		return fmt.Errorf("noting uploads that are under way: %w", err)
	}
	return nil
}

func unfinishedCopy(path string) string { return path + ".new" }

// close removes the file, unless something in it is left to do for a later start.
func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.lock == nil {
		return
	}
	if len(j.pending) == 0 {
		_ = os.Remove(j.path)
	}
	_ = os.Remove(j.lock.Path())
	_ = j.lock.Close()
	j.lock = nil
}

// orphans calls abort for every upload in the journals of processes that are no more. What abort fails for, and what it
// says is not this server's, is kept for another start.
func orphans(dir string, abort func(unfinished) (mine bool, err error)) error {
	if dir == "" {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(escapeGlob(dir), journalPattern))
	var failed []error
	for _, path := range files {
		failed = append(failed, orphansIn(path, abort))
	}
	return errors.Join(failed...)
}

func orphansIn(path string, abort func(unfinished) (mine bool, err error)) error {
	lock := flock.New(lockOf(path))
	defer lock.Close()
	if locked, err := lock.TryLock(); err != nil || !locked {
		return nil // its process lives
	}
	defer os.Remove(lock.Path())
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another start was faster
	}
	if err != nil {
		return fmt.Errorf("reading what a killed process left: %w", err)
	}
	var list, kept []unfinished
	_ = json.Unmarshal(text, &list) // nothing in it can be used that cannot be read
	var failed []error
	for _, u := range list {
		mine, err := abort(u)
		if !mine || err != nil {
			kept = append(kept, u)
		}
		failed = append(failed, err)
	}
	_ = os.Remove(unfinishedCopy(path))
	if len(kept) > 0 {
		failed = append(failed, writeJournal(path, kept))
	} else if err := os.Remove(path); err != nil {
		failed = append(failed, fmt.Errorf("removing what a killed process left: %w", err))
	}
	return errors.Join(failed...)
}

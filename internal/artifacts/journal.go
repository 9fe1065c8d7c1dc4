package artifacts

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
)

// journal keeps a list of the uploads in parts that this process has under way, in a file that is locked for as long as
// the process lives. A start that finds such a file without its lock knows what a killed process left in the store. On
// a disk that is lost with the process, sweep finds it by its age.
type journal struct {
	dir string

	mu      sync.Mutex
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

// write puts the list into the file. The lock is held.
func (j *journal) write() {
	if j.dir == "" {
		return
	}
	if j.lock == nil {
		if len(j.pending) == 0 || os.MkdirAll(j.dir, 0o700) != nil {
			return
		}
		file, err := os.CreateTemp(j.dir, journalPattern)
		if err != nil {
			return
		}
		_ = file.Close()
		lock := flock.New(file.Name())
		if locked, err := lock.TryLock(); err != nil || !locked {
			return
		}
		j.lock = lock
	}
	list := make([]unfinished, 0, len(j.pending))
	for _, u := range j.pending {
		list = append(list, u)
	}
	if text, err := json.Marshal(list); err == nil {
		_ = os.WriteFile(j.lock.Path(), text, 0o600)
	}
}

// close removes the file, unless something in it is left to do for a later start.
func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.lock == nil {
		return
	}
	if len(j.pending) == 0 {
		_ = os.Remove(j.lock.Path())
	}
	_ = j.lock.Close()
	j.lock = nil
}

// orphans calls abort for every upload in the journals of processes that are no more. A journal is kept for another
// start when abort fails.
func orphans(dir string, abort func(unfinished) error) error {
	if dir == "" {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(escapeGlob(dir), journalPattern))
	for _, path := range files {
		if err := orphansIn(path, abort); err != nil {
			return err
		}
	}
	return nil
}

func orphansIn(path string, abort func(unfinished) error) error {
	lock := flock.New(path)
	if locked, err := lock.TryLock(); err != nil || !locked {
		return nil // its process lives
	}
	defer lock.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading what a killed process left: %w", err)
	}
	var list []unfinished
	if err := json.Unmarshal(text, &list); err == nil { // else it was killed while it wrote
		for _, u := range list {
			if err := abort(u); err != nil {
				return err
			}
		}
	}
	return os.Remove(path)
}

package assets

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// indexFile says what a directory of compressed files holds. It is written last.
const indexFile = "index.json"

// indexFormat changes with the meaning of what is in the directory.
const indexFormat = 1

// index is the content of that file.
type index struct {
	Format int `json:"format"`
	// Files has all files of the user interface, by their path below its directory.
	Files map[string]entry `json:"files"`
}

// entry is one file.
type entry struct {
	// Sum names the content: the beginning of its SHA-256, in hex. The compressed forms are the files Sum.br and Sum.gz.
	Sum string `json:"sum"`
	// Size is the file's own, in bytes; Encoded has the sizes of its compressed forms by encoding, none where they would
	// not have been smaller.
	Size    int64            `json:"size"`
	Encoded map[string]int64 `json:"encoded,omitempty"`
}

func readIndex(dir string) (index, error) {
	var i index
	data, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		return i, err
	}
	if err := json.Unmarshal(data, &i); err != nil {
		return index{}, fmt.Errorf("reading %s: %w", indexFile, err)
	}
	if i.Format != indexFormat {
		return index{}, fmt.Errorf("%s has format %d instead of %d", indexFile, i.Format, indexFormat)
	}
	return i, nil
}

func (i index) write(dir string) error {
	data, err := json.MarshalIndent(i, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, indexFile), append(data, '\n'), 0o644)
}

// Complete says whether dir holds what Compress makes, for any user interface.
func Complete(dir string) bool {
	_, err := readIndex(dir)
	return err == nil
}

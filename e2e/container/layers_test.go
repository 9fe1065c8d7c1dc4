package container

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// layers are what engines keep of earlier builds: the files after a RUN, by all that went into them.
type layers map[string]string

// keyOf is the name of a layer: that of the one before it, the instruction, and what of the context it copies.
func keyOf(t *testing.T, before string, step instruction, copied ...string) string {
	t.Helper()
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s %s\n", before, step.name, step.rest)
	for _, from := range copied {
		must(t, filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			relative, err := filepath.Rel(from, name)
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			file, err := os.Open(name)
			if err != nil {
				return err
			}
			defer file.Close()
			fmt.Fprintf(sum, "%s %s %d\n", relative, info.Mode(), info.Size())
			_, err = io.Copy(sum, file)
			return err
		}))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// keep copies a root, by links: neither COPY nor what builds on a layer writes into its files, but makes new ones. (The
// report of bin/compile is an exception, and every build begins by emptying it.)
func (l layers) keep(t *testing.T, key, dir string) {
	t.Helper()
	to := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "cp", "--archive", "--link", dir+"/.", to).CombinedOutput(); err != nil {
		t.Fatalf("keeping a layer: %v\n%s", err, out)
	}
	l[key] = to
}

// take hands out a root that was kept, once: what is built on it changes it.
func (l layers) take(key string) (dir string, ok bool) {
	dir, ok = l[key]
	delete(l, key)
	return dir, ok
}

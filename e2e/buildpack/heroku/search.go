package heroku

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// HoldsNone looks into every file and link below dir, and at their names, for texts that must not be there.
func HoldsNone(t testing.TB, dir string, texts ...string) {
	t.Helper()
	found := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		content := []byte(relative)
		if d.Type() == fs.ModeSymlink {
			to, err := os.Readlink(path)
			if err != nil {
				return err
			}
			content = append(content, to...)
		} else if d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = append(content, text...)
		}
		for _, text := range texts {
			if bytes.Contains(content, []byte(text)) && found < 20 {
				found++
				t.Errorf("%s holds %q", relative, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// List is the entries of a directory, and of its bin, as a set.
func List(t testing.TB, dir string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, sub := range []string{"", "bin", ".profile.d"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil && sub == "" {
			t.Fatal(err)
		}
		for _, e := range entries {
			found[filepath.Join(sub, e.Name())] = true
		}
	}
	return found
}

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheHeadIsWhatNothingFollows(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"one.py":   "revision = \"aa\"\ndown_revision = None\n",
		"two.py":   "revision = 'bb'\ndown_revision = 'aa'\n",
		"three.py": "revision = \"cc\"\ndown_revision = \"bb\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := head(dir); err != nil || got != "cc" {
		t.Errorf("%q, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "four.py"), []byte("revision = \"dd\"\ndown_revision = \"bb\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := head(dir); err == nil {
		t.Errorf("two ends are taken for %q", got)
	}
}

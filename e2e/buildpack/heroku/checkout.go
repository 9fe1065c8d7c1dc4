package heroku

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Commit is the SOURCE_VERSION of builds.
const Commit = "0123456789abcdef0123456789abcdef01234567"

// Root is this repository's directory.
func Root(t testing.TB) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("finding the repository: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// Push copies the files of this repository that git tracks, with their modes and without .git, to a new build directory,
// leaving out what .slugignore lists, as Heroku does before it runs a buildpack.
func Push(t testing.TB) string {
	t.Helper()
	dir := BuildDir(t)
	clone(t, dir, ignored(t, filepath.Join(Root(t), ".slugignore")))
	return dir
}

// Checkout copies the tracked files to dir, as Heroku unpacks a buildpack for somebody else's app.
func Checkout(t testing.TB, dir string) {
	t.Helper()
	clone(t, dir, func(string) bool { return false })
}

// BuildDir is a new directory in the place and with a name like those of Heroku.
func BuildDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "build_")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func clone(t testing.TB, to string, skip func(string) bool) {
	t.Helper()
	root := Root(t)
	git := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	git.Dir = root
	out, err := git.Output()
	if err != nil {
		t.Fatalf("listing the tracked files: %v", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		if skip(name) {
			continue
		}
		info, err := os.Lstat(filepath.Join(root, name))
		if err != nil {
			continue // deleted, and not committed yet
		}
		Write(t, filepath.Join(to, name), string(read(t, filepath.Join(root, name))))
		if err := os.Chmod(filepath.Join(to, name), info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
}

// ignored reads a .slugignore: a pattern with a leading slash is below the root, another one matches names anywhere
// (https://devcenter.heroku.com/articles/slug-compiler#ignoring-files-with-slugignore).
func ignored(t testing.TB, file string) func(string) bool {
	t.Helper()
	var patterns []string
	for line := range bytes.Lines(read(t, file)) {
		if text := strings.TrimSpace(string(line)); text != "" && text[0] != '#' {
			patterns = append(patterns, text)
		}
	}
	return func(name string) bool {
		for _, p := range patterns {
			if rooted, ok := strings.CutPrefix(p, "/"); ok {
				if name == rooted || strings.HasPrefix(name, rooted+"/") {
					return true
				}
				continue
			}
			for _, part := range strings.Split(name, "/") {
				if match, _ := filepath.Match(p, part); match {
					return true
				}
			}
		}
		return false
	}
}

// Write writes a file, with the directories that lead to it.
func Write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Inline is a buildpack like heroku-community/inline: it runs what the app itself has in bin.
func Inline(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, script := range []string{"detect", "compile", "release", "report"} {
		name := filepath.Join(dir, "bin", script)
		Write(t, name, "#!/usr/bin/env bash\nexec \"$1\"/bin/"+script+" \"$@\"\n")
		if err := os.Chmod(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

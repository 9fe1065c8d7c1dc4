package buildpack

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// unknownCommit is what a launcher says whose source came without one.
const unknownCommit = "unknown"

var commitText = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}$`)

// commit names the source code of the launcher: the pushed commit when the app is this repository (Heroku leaves no .git
// in the build directory and puts it into SOURCE_VERSION), else the buildpack's own checkout.
func (c *compilation) commit() string {
	app, err := os.Stat(c.App)
	source, err2 := os.Stat(c.Source)
	if err == nil && err2 == nil && os.SameFile(app, source) {
		if v := value(c.Environ, "SOURCE_VERSION"); commitText.MatchString(v) {
			return v
		}
	}
	if v := checkedOut(filepath.Join(c.Source, ".git")); commitText.MatchString(v) {
		return v
	}
	return unknownCommit
}

// checkedOut reads a repository's current commit without git, which need not be there.
func checkedOut(git string) string {
	read := func(name string) string {
		text, _ := os.ReadFile(filepath.Join(git, name))
		return strings.TrimSpace(string(text))
	}
	head := read("HEAD")
	ref, symbolic := strings.CutPrefix(head, "ref: ")
	if !symbolic {
		return head
	}
	if commit := read(ref); commit != "" {
		return commit
	}
	for line := range strings.Lines(read("packed-refs")) {
		if commit, name, _ := strings.Cut(strings.TrimSpace(line), " "); name == ref {
			return commit
		}
	}
	return ""
}

func shortCommit(commit string) string { return commit[:min(len(commit), 12)] }

package artifacts_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var hidden = regexp.MustCompile(`(?i)//|%2f|%5c|%[01][0-9a-f]|%7f`)

// ambiguous says whether somebody between a client and a file could read a path otherwise than somebody else. The gate lets
// none of these through, whatever they are for: empty parts, encoded slashes, backslashes, control characters, dots that
// lead upwards after some decodings, and what is still encoded after ten of them.
func ambiguous(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	if hidden.MatchString(path) {
		return true
	}
	for range 10 {
		parts := strings.Split(path, "/")
		if slices.Contains(parts, "..") || slices.Contains(parts, ".") {
			return true
		}
		decoded, err := url.PathUnescape(path)
		if err != nil || decoded == path {
			return false
		}
		path = decoded
	}
	return true
}

// forgetting takes out of MLflow's side what do makes it store, so that both sides go on alike.
func (p *pair) forgetting(t *testing.T, do func()) {
	t.Helper()
	dir := filepath.Join(p.dir, "m")
	before := tree(t, dir)
	do()
	for name := range tree(t, dir) {
		if _, ok := before[name]; ok {
			continue
		}
		for path := filepath.Join(dir, name); path != dir && os.Remove(path) == nil; path = filepath.Dir(path) {
		}
	}
}

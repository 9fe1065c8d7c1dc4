package heroku

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var (
	escapes   = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	durations = regexp.MustCompile(`\b\d+ min \d+ s\b|\b\d+(\.\d+)? m?s\b|\b\d+(\.\d+)?s\b`)
	sizes     = regexp.MustCompile(`[+-]?\b\d+(\.\d+)? ([kMG]?B)\b`)
	counts    = regexp.MustCompile(`\b\d+ (packages|files|modules|bytes)\b`)
	parts     = regexp.MustCompile(`(?m)^         +<size>  \S+$`)
	ports     = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	uvs       = regexp.MustCompile(`\b\d+\.\d+\.\d+ from the pinned`)
	pages     = regexp.MustCompile(`/simple/[a-z0-9-]+/`) // of whichever package was asked for first
	pythons   = regexp.MustCompile(`\bcpython-3\.\d+\.\d+-\S+`)
	resolvers = regexp.MustCompile(`lookup (\S+?)( on \S+)?: (no such host|.*)`)
	modules   = regexp.MustCompile(`\bv\d+\.\d+\.\d+\b`)
	positions = regexp.MustCompile(`\.go:\d+:\d+:`)
	digests   = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	temporary = regexp.MustCompile(`/tmp/[^\s"')]*`)
)

// Normal replaces what differs from one run to the next in a log: durations, sizes, addresses, checksums, paths.
func Normal(log string) string {
	for _, r := range []struct {
		pattern *regexp.Regexp
		by      string
	}{
		{escapes, ""}, {resolvers, "lookup $1: <why>"}, {modules, "<version>"}, {positions, ".go:<line>:"}, {pythons, "cpython-<python>"}, {pages, "/simple/<package>/"}, {ports, "127.0.0.1:<port>"}, {uvs, "<uv> from the pinned"}, {digests, "<sha256>"}, {temporary, "<path>"},
		{durations, "<time>"}, {sizes, "<size>"}, {counts, "<n> $1"},
	} {
		log = r.pattern.ReplaceAllString(log, r.by)
	}
	log = parts.ReplaceAllString(log, "           <size>  <part>")
	return strings.ReplaceAll(log, strings.TrimPrefix(goVersion(), "go"), "<go>")
}

// Normal is the same, and replaces the Python's version.
func (d *Downloads) Normal(log string) string {
	log = strings.ReplaceAll(Normal(log), d.Python.Version, "<python>")
	return strings.ReplaceAll(log, "Installing Python "+d.Python.Minor+"\n", "Installing Python <minor>\n")
}

// columns is how long a line of the buildpack's own may be.
const columns = 80

// quoted are lines that another program wrote, or that hold an address: those are not broken.
var quoted = regexp.MustCompile(`://|^ !     (curl:|error:|uv ended)|Caused by:|[Bb]ecause |\.go:`)

// Golden compares a text with a file in testdata, and sees that the buildpack's own lines fit a terminal; it writes the file where UPDATE_GOLDEN is "true".
func Golden(t testing.TB, name, got string) {
	t.Helper()
	for line := range strings.Lines(got) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > columns && !quoted.MatchString(line) {
			t.Errorf("%s: a line has %d columns: %s", name, n, line)
		}
	}
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") == "true" {
		Write(t, file, got)
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; it is\n%s\nand was\n%s", name, got, want)
	}
}

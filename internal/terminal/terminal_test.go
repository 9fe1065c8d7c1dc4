package terminal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestTextIsBrokenAtSpaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text    string
		width, indent int
		want          string
	}{
		{"short", "one two", 20, 4, "one two"},
		{"long", "one two three four", 10, 2, "one two\n  three\n  four"},
		{"to the last column", "one two three", 7, 0, "one two\nthree"},
		{"with an indent of its own", "    one two three", 12, 6, "    one two\n      three"},
		{"a word that does not fit", "one postgresql://host/database two", 10, 0, "one\npostgresql://host/database\ntwo"},
		{"counted in characters", "größe ähnlich", 13, 0, "größe ähnlich"},
		{"any width", "one two three four", 0, 0, "one two three four"},
	} {
		if got := Wrap(c.text, c.width, c.indent); got != c.want {
			t.Errorf("%s: %q instead of %q", c.name, got, c.want)
		}
	}
}

func TestOnlyATerminalIsColoured(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got := Of(file); got != (Look{}) {
		t.Errorf("a file looks like %+v", got)
	}
	if got := Of(&bytes.Buffer{}); got != (Look{}) {
		t.Errorf("a buffer looks like %+v", got)
	}
	if got := (Look{}).Paint(Red, "bad"); got != "bad" {
		t.Errorf("%q", got)
	}
	if got := (Look{Colour: true}).Paint(Red, "bad"); got != "\x1b[31mbad\x1b[0m" {
		t.Errorf("%q", got)
	}
}

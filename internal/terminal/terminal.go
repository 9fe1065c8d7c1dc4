// Package terminal knows how text for people should look where it goes to: on a terminal as wide as that is, with colours
// unless somebody does not want any, elsewhere plain and a line each.
package terminal

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// Look is how text should look. The zero value is for files and pipes: no colours, lines of any length.
type Look struct {
	// Width is the number of columns; 0 is any number.
	Width  int
	Colour bool
}

// Of looks at where the text goes to. Colour is left out where NO_COLOR is set (no-color.org) or TERM is dumb.
func Of(w io.Writer) Look {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return Look{}
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return Look{Width: width, Colour: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// Colours, as terminals show them in their own scheme.
const (
	Bold   = "1"
	Dim    = "2"
	Red    = "31"
	Green  = "32"
	Yellow = "33"
)

// Paint colours a text where that is wanted.
func (l Look) Paint(colour, text string) string {
	if !l.Colour || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// Wrap breaks text at its spaces into lines of at most width characters, of which every one after the first begins with
// so many spaces. A word that is longer stays whole. Width 0 breaks nothing.
func Wrap(text string, width, indent int) string {
	if width <= 0 || utf8.RuneCountInString(text) <= width {
		return text
	}
	lead := text[:len(text)-len(strings.TrimLeft(text, " "))]
	var b strings.Builder
	b.WriteString(lead)
	column, begun := len(lead), false
	for word := range strings.FieldsSeq(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case !begun:
		case column+1+length > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column, begun = column+length, true
	}
	return b.String()
}

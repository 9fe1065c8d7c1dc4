package fasttrack

import (
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON strictly: what it accepts, Python's json module and protobuf's JSON reader take for the same values.
// All its methods report false for anything else, be it wrong or only unusual. encoding/json would not do: it matches
// names without regard to case and takes the last of repeated ones.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\n', '\r', '\t':
			s.at++
		default:
			return
		}
	}
}

// next skips space and takes one character if it is the one that is asked for.
func (s *scanner) next(c byte) bool {
	s.space()
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// end reports that nothing follows.
func (s *scanner) end() bool {
	s.space()
	return s.at == len(s.text)
}

// object calls member for the name of each member; member reads the value.
func (s *scanner) object(member func(name string) bool) bool {
	if !s.next('{') {
		return false
	}
	if s.next('}') {
		return true
	}
	for {
		name, ok := s.str()
		if !ok || !s.next(':') || !member(name) {
			return false
		}
		if !s.next(',') {
			return s.next('}')
		}
	}
}

// array calls element before each element; element reads it.
func (s *scanner) array(element func() bool) bool {
	if !s.next('[') {
		return false
	}
	if s.next(']') {
		return true
	}
	for {
		if !element() {
			return false
		}
		if !s.next(',') {
			return s.next(']')
		}
	}
}

// str reads a string of valid UTF-8 without NUL, which PostgreSQL cannot store, and without half a surrogate pair.
func (s *scanner) str() (string, bool) {
	if !s.next('"') {
		return "", false
	}
	start := s.at
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			raw := s.text[start:s.at]
			s.at++
			return string(raw), utf8.Valid(raw)
		case c == '\\':
			return s.escapedString(start)
		case c < ' ':
			return "", false
		}
		s.at++
	}
	return "", false
}

// escapedString goes on where the first backslash is.
func (s *scanner) escapedString(start int) (string, bool) {
	b := append([]byte(nil), s.text[start:s.at]...)
	for s.at < len(s.text) {
		c := s.text[s.at]
		s.at++
		switch {
		case c == '"':
			return string(b), utf8.Valid(b)
		case c < ' ':
			return "", false
		case c != '\\':
			b = append(b, c)
		default:
			r, ok := s.escape()
			if !ok {
				return "", false
			}
			b = utf8.AppendRune(b, r)
		}
	}
	return "", false
}

// escape reads what follows a backslash.
func (s *scanner) escape() (rune, bool) {
	if s.at >= len(s.text) {
		return 0, false
	}
	c := s.text[s.at]
	s.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		return s.unicode()
	}
	return 0, false
}

// unicode reads the four digits after \u, and the second half of a surrogate pair.
func (s *scanner) unicode() (rune, bool) {
	r, ok := s.hex()
	if !ok || r == 0 {
		return 0, false
	}
	if !utf16.IsSurrogate(r) {
		return r, true
	}
	if s.at+2 > len(s.text) || s.text[s.at] != '\\' || s.text[s.at+1] != 'u' {
		return 0, false
	}
	s.at += 2
	low, ok := s.hex()
	r = utf16.DecodeRune(r, low)
	return r, ok && r != utf8.RuneError
}

func (s *scanner) hex() (rune, bool) {
	if s.at+4 > len(s.text) {
		return 0, false
	}
	var r rune
	for _, c := range s.text[s.at : s.at+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	s.at += 4
	return r, true
}

// number reads a number as it is written; whole says that it has neither a fraction nor an exponent, so that Python
// takes it for an int.
func (s *scanner) number() (text string, whole, ok bool) {
	s.space()
	start := s.at
	s.take('-')
	switch {
	case s.take('0'):
	case !s.digits():
		return "", false, false
	}
	whole = true
	if s.take('.') {
		whole = false
		if !s.digits() {
			return "", false, false
		}
	}
	if s.take('e') || s.take('E') {
		whole = false
		if !s.take('+') {
			s.take('-')
		}
		if !s.digits() {
			return "", false, false
		}
	}
	return string(s.text[start:s.at]), whole, true
}

func (s *scanner) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		s.at++
	}
	return s.at > start
}

// integer reads a whole number of 64 bits.
func (s *scanner) integer() (int64, bool) {
	text, whole, ok := s.number()
	if !ok || !whole {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// double reads a number, or one of the three strings that protobuf's JSON has for what is none.
func (s *scanner) double() (float64, bool) {
	s.space()
	if s.at < len(s.text) && s.text[s.at] == '"' {
		switch text, _ := s.str(); text {
		case "NaN":
			return math.NaN(), true
		case "Infinity":
			return math.Inf(1), true
		case "-Infinity":
			return math.Inf(-1), true
		}
		return 0, false
	}
	text, whole, ok := s.number()
	if !ok || whole && text == "-0" { // the int of Python's that has no sign
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

package fasttrack

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// writer writes JSON as MLflow does (message_to_json): Python's json.dumps with an indent of 2.
type writer struct {
	text  []byte
	depth int
	empty bool // nothing has been written yet in the innermost object or array
}

func (w *writer) open(c byte) {
	w.text = append(w.text, c)
	w.depth++
	w.empty = true
}

func (w *writer) close(c byte) {
	w.depth--
	if !w.empty {
		w.line()
	}
	w.text = append(w.text, c)
	w.empty = false
}

func (w *writer) line() {
	w.text = append(w.text, '\n')
	for range w.depth {
		w.text = append(w.text, ' ', ' ')
	}
}

// item begins the next element.
func (w *writer) item() {
	if !w.empty {
		w.text = append(w.text, ',')
	}
	w.line()
	w.empty = false
}

// name begins the next member; names are plain ASCII.
func (w *writer) name(name string) {
	w.item()
	w.text = append(w.text, '"')
	w.text = append(w.text, name...)
	w.text = append(w.text, `": `...)
}

func (w *writer) str(name, value string) {
	w.name(name)
	w.text = appendString(w.text, value)
}

func (w *writer) int(name string, value int64) {
	w.name(name)
	w.text = strconv.AppendInt(w.text, value, 10)
}

func (w *writer) double(name string, value float64) {
	w.name(name)
	w.text = appendDouble(w.text, value)
}

const hexDigits = "0123456789abcdef"

// appendString writes a string as Python does with ensure_ascii.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c >= ' ' && c <= '~':
				b = append(b, c)
			case c == '\n':
				b = append(b, '\\', 'n')
			case c == '\r':
				b = append(b, '\\', 'r')
			case c == '\t':
				b = append(b, '\\', 't')
			case c == '\b':
				b = append(b, '\\', 'b')
			case c == '\f':
				b = append(b, '\\', 'f')
			default:
				b = appendUnit(b, rune(c))
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if r > 0xffff {
			r -= 0x10000
			b = appendUnit(b, 0xd800+r>>10)
			r = 0xdc00 + r&0x3ff
		}
		b = appendUnit(b, r)
	}
	return append(b, '"')
}

func appendUnit(b []byte, r rune) []byte {
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// appendDouble writes a number as Python's repr does: the shortest digits that mean it, with an exponent below 1e-4 and
// from 1e16 on. What is no number is a string in protobuf's JSON.
func appendDouble(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	}
	if size := math.Abs(f); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	for _, c := range b[start:] {
		if c == '.' {
			return b
		}
	}
	return append(b, '.', '0')
}

package config

import (
	"regexp"
	"strings"
)

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

const hexDigits = "0123456789ABCDEF"

// escapedPercent finds a % that Python's unquote would decode; it leaves any other alone.
var escapedPercent = regexp.MustCompile(`%([0-9A-Fa-f]{2})`)

// escape writes every byte that could mean something in a URI as %XX.
func escape(text string) string {
	return escapeBytes(text, func(c byte) bool { return strings.IndexByte(unreserved, c) < 0 })
}

// escapeBytes writes the bytes that must be escaped as %XX.
func escapeBytes(text string, must func(byte) bool) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; must(c) {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unescape decodes %XX as Python's unquote does: a % that is not followed by two hexadecimal digits stands for itself.
func unescape(text string) string {
	return escapedPercent.ReplaceAllStringFunc(text, func(code string) string {
		return string([]byte{unhex(code[1])<<4 | unhex(code[2])})
	})
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	default:
		return c - '0'
	}
}

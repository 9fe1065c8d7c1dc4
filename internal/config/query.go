package config

import "strings"

// query is the part of a URL after "?", without it, as written.
type query string

// get is the first value of a parameter, empty when there is none; SQLAlchemy drops empty ones too.
func (q query) get(name string) string {
	for pair := range strings.SplitSeq(string(q), "&") {
		key, value, _ := strings.Cut(pair, "=")
		if decodeParameter(key) == name && value != "" {
			return decodeParameter(value)
		}
	}
	return ""
}

// with appends a parameter.
func (q query) with(name, value string) query {
	pair := query(name + "=" + escape(value))
	if q == "" {
		return pair
	}
	return q + "&" + pair
}

// escaped writes what SQLAlchemy or Python's urlparse could trip over as %XX, and leaves the rest as it is written.
func (q query) escaped() query {
	return query(escapeBytes(string(q), func(c byte) bool { return c <= ' ' || c >= 0x7f || c == '@' }))
}

func decodeParameter(text string) string {
	return unescape(strings.ReplaceAll(text, "+", " "))
}

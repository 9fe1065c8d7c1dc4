package gate

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// checkRequest lets only requests pass whose path has one reading, so that whatever is decided on it here is decided on
// what MLflow will see. It refuses what is no request for a path (CONNECT, "OPTIONS *", a full URL as to a proxy) and
// offers of another protocol.
func checkRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target, _, _ := strings.Cut(r.RequestURI, "?")
		path, ok := canonical(target)
		if !ok || path != r.URL.Path || r.Method == http.MethodConnect || strings.Contains(r.RequestURI, "#") {
			refuse(w, r, refusal{
				status: http.StatusBadRequest, code: "BAD_REQUEST",
				title: "Bad request", text: "This server answers requests for plain paths: without empty, . or .. parts, encoded slashes or control characters.",
			})
			return
		}
		if !plainHTTP(r) {
			refuse(w, r, refusal{
				status: http.StatusBadRequest, code: "BAD_REQUEST",
				title: "Bad request", text: "This server speaks HTTP only and switches to no other protocol.",
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plainHTTP is false for a request that wants to switch protocols. An offer of HTTP/2, which Java's client makes with
// every first request, may be ignored (RFC 9113, section 3.1).
func plainHTTP(r *http.Request) bool {
	for _, offer := range r.Header.Values("Upgrade") {
		for name := range strings.SplitSeq(offer, ",") {
			if !strings.EqualFold(strings.TrimSpace(name), "h2c") {
				return false
			}
		}
	}
	return true
}

// rounds is how often MLflow decodes the path of an artifact before it uses it (mlflow/utils/uri.py). What could be decoded
// once more has been made to deceive.
const rounds = 10

// fixedSegments is how many leading parts of a path choose a route of MLflow's (/api/2.0/mlflow/runs/create); what comes
// after them are names that users choose.
const fixedSegments = 5

// canonical decodes the path of a request target once, as MLflow's server does. It is not ok when anybody on the way to
// a file could read the path in another way: empty, "." and ".." segments, however often encoded, an encoded slash,
// backslashes, control characters, what is no UTF-8, and a ";" in the part that chooses a route.
func canonical(target string) (path string, ok bool) {
	if target == "" || target[0] != '/' {
		return "", false
	}
	path, ok = decode(target)
	if !ok || !utf8.ValidString(path) || !singleReading(path) {
		return "", false
	}
	nested := path
	for range rounds {
		if strings.IndexByte(nested, '%') < 0 {
			return path, true
		}
		next := decodeLeniently(nested)
		if next == nested { // as in the file "100%"
			return path, true
		}
		if climbs(next) {
			return "", false
		}
		nested = next
	}
	return "", false
}

// decode takes the percent encoding off a path of plain ASCII. Not ok are bad escapes and what has no business in a path
// in any form.
func decode(target string) (path string, ok bool) {
	encoded := false
	for i := range len(target) {
		switch c := target[i]; {
		case c <= ' ' || c >= 0x7f || c == '\\' || c == '?' || c == '#':
			return "", false
		case c == '%':
			encoded = true
		}
	}
	if !encoded {
		return target, true
	}
	b := make([]byte, 0, len(target))
	for i := 0; i < len(target); i++ {
		c := target[i]
		if c == '%' {
			if c, ok = escaped(target[i:]); !ok || c < ' ' || c == 0x7f || c == '/' || c == '\\' {
				return "", false
			}
			i += 2
		}
		b = append(b, c)
	}
	return string(b), true
}

// decodeLeniently is Python's unquote: what is no escape stays.
func decodeLeniently(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if decoded, ok := escaped(s[i:]); ok {
				c = decoded
				i += 2
			}
		}
		b = append(b, c)
	}
	return string(b)
}

// escaped is the byte that "%xx" at the beginning of s stands for.
func escaped(s string) (c byte, ok bool) {
	if len(s) < 3 {
		return 0, false
	}
	high, ok1 := hexDigit(s[1])
	low, ok2 := hexDigit(s[2])
	return high<<4 | low, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// singleReading is false for a decoded path with an empty, "." or ".." segment (a slash at the end is fine), or a ";"
// where it would be taken for a parameter by some servers and for a part of the name by others.
func singleReading(path string) bool {
	file := strings.Contains(path, "/mlflow-artifacts/")
	n := 0
	for rest := path[1:]; ; n++ {
		segment, more, slash := strings.Cut(rest, "/")
		switch {
		case segment == "." || segment == ".." || segment == "" && slash:
			return false
		case n < fixedSegments && !file && strings.IndexByte(segment, ';') >= 0:
			return false
		case !slash:
			return true
		}
		rest = more
	}
}

// climbs is true for a path with a ".." between slashes of either kind, or a NUL.
func climbs(path string) bool {
	for segment := range strings.FieldsFuncSeq(path, func(c rune) bool { return c == '/' || c == '\\' }) {
		if segment == ".." || strings.IndexByte(segment, 0) >= 0 {
			return true
		}
	}
	return false
}

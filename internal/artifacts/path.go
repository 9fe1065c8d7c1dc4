package artifacts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// errInvalidPath is a path that must not become the name of an artifact.
var errInvalidPath = errors.New("invalid path")

// maxDecodings is how often MLflow decodes a path before it gives up (mlflow.utils.uri._decode).
const maxDecodings = 10

// cleanPath is MLflow's validate_path_is_safe (mlflow/utils/uri.py): it decodes a path until it stops changing and
// returns what the artifact is called in the store, or errInvalidPath.
//
// Where versions of Python read a path differently, or MLflow fails on it with a 500, it is refused here: one name must
// never mean two files.
func cleanPath(path string) (string, error) {
	path, err := decodePath(path)
	if err != nil {
		return "", err
	}
	path = escapeControls(path)
	if strings.Contains(path, "#") || slices.Contains(strings.Split(path, "/"), "..") || absolute(path) {
		return "", errInvalidPath
	}
	if scheme := splitURL(path).scheme; netlocSchemes[scheme] && scheme != "" {
		return "", errInvalidPath // from Python 3.12.4 on, urlunparse writes these differently
	}
	return path, nil
}

func decodePath(path string) (string, error) {
	if !utf8.ValidString(path) {
		return "", errInvalidPath // MLflow puts U+FFFD in the place of each, so that two names become one
	}
	for range maxDecodings {
		decoded, err := unquote(path)
		if err != nil {
			return "", err
		}
		u := splitURL(decoded)
		if u.malformed || (netlocSchemes[u.scheme] && u.scheme != "") {
			return "", errInvalidPath
		}
		again := u.String()
		if again == path {
			return path, nil
		}
		path = again
	}
	return "", errInvalidPath
}

// escapeControls writes control characters as %xx: MLflow keeps them in that form.
func escapeControls(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if isControl(c) {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func isControl(c rune) bool { return c < 32 || c == 127 }

// absolute says whether a path begins at a root, by POSIX or by Windows (pathlib.PureWindowsPath): a drive with a
// separator behind it, or a share.
func absolute(path string) bool {
	if strings.HasPrefix(path, "/") || strings.HasPrefix(path, `\\`) || strings.HasPrefix(path, `\/`) {
		return true
	}
	_, size := utf8.DecodeRuneInString(path)
	rest := path[size:]
	return strings.HasPrefix(rest, ":/") || strings.HasPrefix(rest, `:\`)
}

// unquote is Python's urllib.parse.unquote: %XX becomes a byte, anything else stays, also a % that begins no such
// sequence. Bytes that are no UTF-8 are refused.
func unquote(s string) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	run := 0 // where the current run of ASCII began: Python joins bytes to characters within such a run only
	for i := 0; i < len(s); {
		switch {
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 3
		case s[i] < utf8.RuneSelf:
			b = append(b, s[i])
			i++
		default:
			if !utf8.Valid(b[run:]) {
				return "", errInvalidPath
			}
			_, size := utf8.DecodeRuneInString(s[i:])
			b = append(b, s[i:i+size]...)
			i += size
			run = len(b)
		}
	}
	if !utf8.Valid(b[run:]) {
		return "", errInvalidPath
	}
	return string(b), nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	default:
		return c - 'a' + 10
	}
}

package artifacts

import (
	"strings"
)

// pyURL is a string taken apart as Python's urllib.parse.urlparse does it. MLflow sends every path through it and back,
// which removes an empty query, an empty fragment, leading spaces and more; names depend on it.
type pyURL struct {
	scheme, netloc, path, params, query, fragment string
	malformed                                     bool // Python raises ValueError
}

// The schemes of urllib.parse.uses_netloc and uses_params (CPython 3.10 to 3.13).
var (
	netlocSchemes = set("", "ftp", "http", "gopher", "nntp", "telnet", "imap", "wais", "file", "mms", "https", "shttp",
		"snews", "prospero", "rtsp", "rtsps", "rtspu", "rsync", "svn", "svn+ssh", "sftp", "nfs", "git", "git+ssh", "ws", "wss", "itms-services")
	paramsSchemes = set("", "ftp", "hdl", "prospero", "http", "https", "shttp", "rtsp", "rtsps", "rtspu", "sip", "sips",
		"mms", "sftp", "tel")
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}

const schemeCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."

// splitURL is urllib.parse.urlparse.
func splitURL(s string) pyURL {
	var u pyURL
	s = strings.TrimLeftFunc(s, func(c rune) bool { return c <= ' ' })
	s = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
	if i := strings.IndexByte(s, ':'); i > 0 && isLetter(s[0]) && strings.Trim(s[:i], schemeCharacters) == "" {
		u.scheme, s = strings.ToLower(s[:i]), s[i+1:]
	}
	if strings.HasPrefix(s, "//") {
		end := len(s)
		if i := strings.IndexAny(s[2:], "/?#"); i >= 0 {
			end = i + 2
		}
		u.netloc, s = s[2:end], s[end:]
		u.malformed = strings.ContainsAny(u.netloc, "[]") // refused as absolute where Python would not fail on it
	}
	s, u.fragment, _ = strings.Cut(s, "#")
	s, u.query, _ = strings.Cut(s, "?")
	u.path = s
	if paramsSchemes[u.scheme] && strings.Contains(s, ";") {
		from := max(strings.LastIndexByte(s, '/'), 0)
		if i := strings.IndexByte(s[from:], ';'); i >= 0 {
			u.path, u.params = s[:from+i], s[from+i+1:]
		}
	}
	return u
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// String is urllib.parse.urlunparse.
func (u pyURL) String() string {
	s := u.path
	if u.params != "" {
		s += ";" + u.params
	}
	if u.netloc != "" || u.scheme != "" && netlocSchemes[u.scheme] && !strings.HasPrefix(s, "//") {
		if s != "" && s[0] != '/' {
			s = "/" + s
		}
		s = "//" + u.netloc + s
	}
	if u.scheme != "" {
		s = u.scheme + ":" + s
	}
	if u.query != "" {
		s += "?" + u.query
	}
	if u.fragment != "" {
		s += "#" + u.fragment
	}
	return s
}

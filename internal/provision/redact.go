package provision

import "regexp"

// An index URL may carry a login (UV_DEFAULT_INDEX=https://user:token@host/…), and uv and pip print such URLs.
var userinfo = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/?#"']*@`)

// redact takes the login out of every URL in a text.
func redact(text string) string { return userinfo.ReplaceAllString(text, "${1}[redacted]@") }

package gate

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// credentials are what an Authorization header holds: a name and a password, or a token.
type credentials struct{ name, password, token string }

// maxCredentials bounds what is looked at, in bytes.
const maxCredentials = 4 << 10

// parseAuthorization reads Basic (RFC 7617) and Bearer (RFC 6750) credentials. The scheme's case does not matter; all
// else is strict, because a lenient reading is another one than somebody else's.
func parseAuthorization(header string) (c credentials, ok bool) {
	scheme, rest, _ := strings.Cut(header, " ")
	rest = strings.TrimLeft(rest, " ")
	if rest == "" || len(rest) > maxCredentials {
		return credentials{}, false
	}
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return credentials{token: rest}, !strings.ContainsAny(rest, " \t,")
	case strings.EqualFold(scheme, "Basic"):
		var room [256]byte
		decoded, err := base64.StdEncoding.Strict().AppendDecode(room[:0], []byte(rest))
		if err != nil || !utf8.Valid(decoded) {
			return credentials{}, false
		}
		c.name, c.password, ok = strings.Cut(string(decoded), ":")
		return c, ok
	}
	return credentials{}, false
}

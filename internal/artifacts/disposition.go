package artifacts

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// attachment is MLflow's Content-Disposition for a file (_content_disposition_attachment in mlflow/server/handlers.py):
// an artifact is never rendered in the UI's origin. A name that is not ASCII comes twice, in what is left of it as
// ASCII and percent-encoded (RFC 6266, RFC 5987).
func attachment(name string) string {
	if isASCII(name) {
		return "attachment; filename=" + quoteHeader(name)
	}
	plain := strings.Map(func(c rune) rune {
		if c >= utf8.RuneSelf {
			return -1
		}
		return c
	}, norm.NFKD.String(name))
	if plain == "" {
		plain = "download"
	}
	return "attachment; filename=" + quoteHeader(plain) + "; filename*=UTF-8''" + percentEncode(name, "!#$&+-.^_`|~")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// quoteHeader leaves an HTTP token as it is and quotes everything else (werkzeug.http.quote_header_value).
func quoteHeader(s string) string {
	if s != "" && strings.Trim(s, alphanumeric+"!#$%&'*+-.^_`|~") == "" {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// percentEncode is Python's urllib.parse.quote: letters, digits, "_.-~" and safe stay.
func percentEncode(s, safe string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf && strings.IndexByte(alphanumeric+"_.-~"+safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

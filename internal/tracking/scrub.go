package tracking

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const redacted = "[redacted]"

// userinfo matches the password in any URL that a library prints.
var userinfo = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s:/@'"]*):[^\s/'"]*@`)

// scrubber takes the backend store's secrets out of text that goes to a log.
type scrubber struct {
	uri     string
	secrets []string // the password as given and decoded
}

func newScrubber(uri string) *scrubber {
	s := &scrubber{uri: uri}
	user, secrets := credentials(uri)
	for _, secret := range secrets {
		for _, form := range []string{secret, unescape(secret)} {
			// The default login has the user's name, the database's and MLflow's own as its password: crossing that word
			// out everywhere would hide the log and protect nothing.
			if form != "" && form != user && form != "mlflow" && !slices.Contains(s.secrets, form) {
				s.secrets = append(s.secrets, form)
			}
		}
	}
	return s
}

// login is the user and password part of a URI as SQLAlchemy reads it (sqlalchemy/engine/url.py): the password ends at
// the first @ and may hold a slash.
var login = regexp.MustCompile(`^[\w+]+://([^:/]*):([^@]*)@`)

// credentials returns the user and every secret of a SQLAlchemy URI, as they stand in it.
func credentials(uri string) (user string, secrets []string) {
	if match := login.FindStringSubmatch(uri); match != nil {
		user, secrets = unescape(match[1]), append(secrets, match[2])
	}
	_, query, _ := strings.Cut(uri, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		if name = strings.ToLower(name); strings.Contains(name, "passw") { // password, passwd, sslpassword
			secrets = append(secrets, value)
		}
	}
	return user, secrets
}

func unescape(s string) string {
	// Not QueryUnescape: SQLAlchemy leaves a plus sign alone.
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}

// text returns the text without the secrets.
func (s *scrubber) text(text string) string {
	if strings.Contains(s.uri, "://") && !strings.HasPrefix(s.uri, "sqlite") {
		text = strings.ReplaceAll(text, s.uri, redacted)
	}
	for _, secret := range s.secrets {
		text = replaceWord(text, secret)
	}
	if strings.Contains(text, "://") {
		text = userinfo.ReplaceAllString(text, "${1}:"+redacted+"@")
	}
	return text
}

// replaceWord takes the secret out; a short one only where it stands alone, or a password like "in" would leave
// nothing readable.
func replaceWord(text, secret string) string {
	if len(secret) >= 8 {
		return strings.ReplaceAll(text, secret, redacted)
	}
	var out strings.Builder
	for {
		at := strings.Index(text, secret)
		if at < 0 {
			out.WriteString(text)
			return out.String()
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(secret):])
		out.WriteString(text[:at])
		if partOfWord(before) || partOfWord(after) {
			out.WriteString(secret)
		} else {
			out.WriteString(redacted)
		}
		text = text[at+len(secret):]
	}
}

func partOfWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

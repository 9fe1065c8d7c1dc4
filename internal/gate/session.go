package gate

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"net/http"
	"strings"
	"sync"
	"time"

	"mlflow-server/internal/users"
)

// Names of the session cookie. The prefix makes browsers take it only from https, for exactly this host and all paths,
// so that no neighbour below the same domain can plant one (RFC 6265bis, section 4.1.3.2).
const (
	secureCookie = "__Host-mlflow"
	plainCookie  = "mlflow-session"
)

const (
	sessionFormat = 1
	macSize       = sha256.Size
	headerSize    = 1 + 8 + len(users.Version{}) // format, end in Unix seconds, version of the password
	// maxCookie bounds what is looked at, in bytes.
	maxCookie = 2 << 10
)

// sessions makes and checks session cookies. A cookie is signed, not stored: it holds the user's name, its end and the
// version of the user's password, so that it ends with whichever of them ends first.
type sessions struct {
	macs  sync.Pool
	last  time.Duration
	users Users
	now   func() time.Time
}

func newSessions(key []byte, last time.Duration, u Users) *sessions {
	s := &sessions{last: last, users: u, now: time.Now}
	s.macs.New = func() any { return hmac.New(sha256.New, key) }
	return s
}

// sign returns the value of a cookie for a user who has just shown this version of the password. The present one may be
// another by now: then the session is over before it began.
func (s *sessions) sign(user string, version users.Version) string {
	b := append(make([]byte, 0, headerSize+len(user)+macSize), sessionFormat)
	b = binary.BigEndian.AppendUint64(b, uint64(s.now().Add(s.last).Unix()))
	b = append(b, version[:]...)
	b = append(b, user...)
	b = s.appendMAC(b, b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// user is whose session a cookie's value is.
func (s *sessions) user(value string) (name string, ok bool) {
	if len(value) > maxCookie {
		return "", false
	}
	var room [256]byte
	if strings.ContainsAny(value, "\r\n") { // which the decoder would skip: there is one spelling of a session
		return "", false
	}
	b, err := base64.RawURLEncoding.Strict().AppendDecode(room[:0], []byte(value))
	if err != nil || len(b) < headerSize+macSize || b[0] != sessionFormat {
		return "", false
	}
	signed, sum := b[:len(b)-macSize], b[len(b)-macSize:]
	var want [macSize]byte
	if !hmac.Equal(sum, s.appendMAC(want[:0], signed)) {
		return "", false
	}
	if end := binary.BigEndian.Uint64(signed[1:]); uint64(s.now().Unix()) >= end {
		return "", false
	}
	name = string(signed[headerSize:])
	version, ok := s.users.Version(name)
	return name, ok && users.Version(signed[9:headerSize]) == version
}

func (s *sessions) appendMAC(to, text []byte) []byte {
	mac := s.macs.Get().(hash.Hash)
	mac.Reset()
	_, _ = mac.Write(text)
	to = mac.Sum(to)
	s.macs.Put(mac)
	return to
}

// from finds the session of a request: in the cookie that belongs to the scheme it came by, and only there.
func (s *sessions) from(r *http.Request) (user string, ok bool) {
	name := cookieName(r)
	for _, line := range r.Header["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			if value, mine := strings.CutPrefix(strings.TrimLeft(part, " "), name+"="); mine {
				if user, ok := s.user(value); ok {
					return user, true
				}
			}
		}
	}
	return "", false
}

func cookieName(r *http.Request) string {
	if about(r).scheme == "https" {
		return secureCookie
	}
	return plainCookie
}

// cookie is the Set-Cookie for a value; an empty one takes the cookie away.
func (s *sessions) cookie(r *http.Request, value string) *http.Cookie {
	c := &http.Cookie{
		Name: cookieName(r), Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: about(r).scheme == "https", MaxAge: int(s.last / time.Second),
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

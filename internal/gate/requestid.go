package gate

import (
	"crypto/rand"
	"net/http"

	"github.com/heroku/x/requestid"
)

// maxRequestID is the longest id that Heroku's router keeps of a client's own.
const maxRequestID = 200

// identify gives every request an id: the one it came with or a new one.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := requestid.Get(r)
		if !usableID(id) {
			id = rand.Text()
		}
		w.Header()["X-Request-Id"] = []string{id}
		next.ServeHTTP(w, withRequest(r, &request{id: id}))
	})
}

// usableID is what a client or a router may call a request: short enough and harmless in a log.
func usableID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '+' && c <= ':', c == '_', c == '=':
		default:
			return false
		}
	}
	return true
}

package gate

import (
	"crypto/rand"
	"net/http"
	"regexp"

	"github.com/heroku/x/requestid"
)

// usableID is what a client or a router may call a request: short enough and harmless in a log. Heroku's router keeps
// a client's own id of up to 200 bytes.
var usableID = regexp.MustCompile(`^[A-Za-z0-9._:/+=,-]{1,200}$`)

// identify gives every request an id: the one it came with or a new one.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := requestid.Get(r)
		if !usableID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, withRequest(r, &request{id: id}))
	})
}

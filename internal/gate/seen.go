package gate

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Seen remembers who was let in lately. Its zero value is ready for use; nil remembers nobody. There is one place for each
// user, and only users get one.
type Seen struct {
	mu    sync.Mutex
	users map[string]Visit
}

// Visit is a user's last request.
type Visit struct {
	User string
	// Via is how the user was known: password, session, or token and the token's id.
	Via  string
	Last time.Time
}

func (s *Seen) note(a *request) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == nil {
		s.users = map[string]Visit{}
	}
	s.users[a.user] = Visit{User: a.user, Via: a.via, Last: time.Now()}
}

// Since has everybody who came after a point in time, the latest first.
func (s *Seen) Since(then time.Time) []Visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Visit
	for _, v := range s.users {
		if v.Last.After(then) {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b Visit) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.User, b.User)) })
	return all
}

// noteVisit comes right behind the login.
func noteVisit(seen *Seen, next http.Handler) http.Handler {
	if seen == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.note(about(r))
		next.ServeHTTP(w, r)
	})
}

// Via is how the signed-in user of a request was known: password, session, or token and the token's id.
func Via(r *http.Request) string { return about(r).via }

// Address is where the client of a request reaches this server: a scheme and a host.
func Address(r *http.Request) string { return about(r).scheme + "://" + r.Host }

package gate

import (
	"net/http"
	"sync"
)

// limitInFlight bounds how many requests of signed-in users are being answered at a time, by one user and in all: what
// comes on top is refused at once, in a way that MLflow's client tries again, instead of making everybody slow.
func limitInFlight(most, mostPerUser int, next http.Handler) http.Handler {
	c := &inFlight{byUser: map[string]int{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := about(r).user
		switch c.enter(user, most, mostPerUser) {
		case tooMany:
			refuse(w, r, refusal{
				status: http.StatusServiceUnavailable, code: "TEMPORARILY_UNAVAILABLE", title: "The server is busy",
				text: "Too many requests are being answered at this moment.", retryAfter: "1",
			})
			return
		case tooManyOfUser:
			refuse(w, r, refusal{
				status: http.StatusTooManyRequests, code: "RESOURCE_EXHAUSTED", title: "Too many requests at a time",
				text: "Too many requests of the user " + user + " are being answered at this moment.", retryAfter: "1",
			})
			return
		}
		defer c.leave(user)
		next.ServeHTTP(w, r)
	})
}

type admission int

const (
	admitted admission = iota
	tooMany
	tooManyOfUser
)

// inFlight counts; a user with nothing in flight takes no room.
type inFlight struct {
	mu     sync.Mutex
	all    int
	byUser map[string]int
}

func (c *inFlight) enter(user string, most, mostPerUser int) admission {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case most > 0 && c.all >= most:
		return tooMany
	case mostPerUser > 0 && c.byUser[user] >= mostPerUser:
		return tooManyOfUser
	}
	c.all++
	c.byUser[user]++
	return admitted
}

func (c *inFlight) leave(user string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.byUser[user]--; c.byUser[user] == 0 {
		delete(c.byUser, user)
	}
}

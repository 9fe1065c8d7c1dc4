package gate

import "net/http"

// Room answers some of the requests of signed-in users in MLflow's place.
type Room interface {
	// Serves reports whether this room answers the request; it must not touch the body. What no room serves goes to
	// MLflow unchanged.
	Serves(r *http.Request) bool
	http.Handler
}

// chooseRoom hands a request to the first room that serves it, else to MLflow. A room that finds out later that the
// request is not for it calls Fallback, as long as it has neither read from the body nor written an answer.
func chooseRoom(rooms []Room, mlflow http.Handler) http.Handler {
	if len(rooms) == 0 {
		return mlflow
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		about(r).fallback = mlflow
		for _, room := range rooms {
			if room.Serves(r) {
				room.ServeHTTP(w, r)
				return
			}
		}
		mlflow.ServeHTTP(w, r)
	})
}

// Fallback lets MLflow answer a request that a room has taken.
func Fallback(w http.ResponseWriter, r *http.Request) { about(r).fallback.ServeHTTP(w, r) }

// User is the name of the signed-in user of a request that a room has been given.
func User(r *http.Request) string { return about(r).user }

// RequestID is the id of a request, as it stands in the log.
func RequestID(r *http.Request) string { return about(r).id }

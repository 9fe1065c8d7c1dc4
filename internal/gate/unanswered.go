package gate

import "net/http"

// neverSilent answers where nobody did. Links and rooms return without an answer when the client seems to have left; net/http
// would make "200 OK" of that, and whoever is still there would take a write that failed for one that was done.
func neverSilent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &recorder{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		if answer.status != 0 {
			return
		}
		if why := broken(r); why != nil {
			refuseBroken(w, r, why)
			return
		}
		panic(http.ErrAbortHandler) // closes the connection
	})
}

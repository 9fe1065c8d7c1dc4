package gate

import "net/http"

// refuseOddRequests answers what is valid HTTP but has no meaning here: CONNECT asks for a tunnel and "OPTIONS *" is
// about the server, not a resource. Passed on, both would reach MLflow with a path that nothing has checked.
func refuseOddRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect || len(r.URL.Path) == 0 || r.URL.Path[0] != '/' {
			refuse(w, r, refusal{
				status: http.StatusBadRequest, code: "BAD_REQUEST",
				title: "Bad request", text: "This server answers requests for paths, nothing else.",
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

package gate

import "net/http"

// refuseViewers lets those who may only read do nothing else. Which requests read is known of each family of routes; all
// others write.
func refuseViewers(users Users, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if users.Viewer(about(r).user) && !about(r).to.reading(r.Method) {
			refuse(w, r, refusal{
				status: http.StatusForbidden, code: "PERMISSION_DENIED",
				title: "Only reading is allowed",
				text:  "The user " + about(r).user + " may read on this server, not write.",
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

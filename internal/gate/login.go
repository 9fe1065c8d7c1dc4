package gate

import "net/http"

// challenge asks for HTTP Basic credentials; charset makes browsers send them as UTF-8 (RFC 7617).
const challenge = `Basic realm="MLflow", charset="UTF-8"`

// requireLogin lets only requests of a known user pass. There is no exception by path here: what is open is answered
// further out.
func requireLogin(login Login, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, ok := credentials(r)
		if !ok || !login.Verify(r.Context(), name, password) {
			w.Header().Set("WWW-Authenticate", challenge)
			refuse(w, r, refusal{
				status: http.StatusUnauthorized, code: "UNAUTHENTICATED",
				title: "Sign in to MLflow",
				text:  "A user name and a password are needed. In the MLflow client, set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
			})
			return
		}
		about(r).user = name
		next.ServeHTTP(w, r)
	})
}

// credentials reads the one Authorization header of a request. With two of them it is anybody's guess which one the
// client means, so there are none.
func credentials(r *http.Request) (name, password string, ok bool) {
	if len(r.Header.Values("Authorization")) != 1 {
		return "", "", false
	}
	return r.BasicAuth()
}

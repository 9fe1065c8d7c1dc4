package gate

import (
	"io"
	"net/http"
)

// healthPath is open to everybody, for GET and HEAD, spelled exactly like this.
const healthPath = "/health"

// answerHealth tells load balancers and platforms whether requests are answered: 200 when MLflow takes them, else 503.
// MLflow's own /health says 200 with a broken database and is never asked.
func answerHealth(upstream Upstream, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !plainHealth(r) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if ready, doing := upstream.Phase(); !ready {
			w.Header().Set("Retry-After", retryAfter)
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, doing+"\n")
			return
		}
		_, _ = io.WriteString(w, "OK\n")
	})
}

// plainHealth is a request for the server's health, and nothing that looks like one.
func plainHealth(r *http.Request) bool {
	return r.URL.EscapedPath() == healthPath && (r.Method == http.MethodGet || r.Method == http.MethodHead)
}

package gate

import (
	"net/http"
	"strings"
)

// retryAfter is in seconds. MLflow's client honours it; a boot takes three to ten of them on a warm machine.
const retryAfter = "2"

// answerWhileWaiting answers 503 until MLflow takes requests: a page that reloads itself for a browser, MLflow's own
// JSON error for a client, which then tries again. It comes before the login, so it says nothing that an outsider
// may not know. The server's own pages are there all the time: they tell its users what it waits for.
func answerWhileWaiting(upstream Upstream, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if upstream.Ready() || strings.HasPrefix(r.URL.Path, ownPrefix) {
			next.ServeHTTP(w, r)
			return
		}
		ready, doing := upstream.Phase()
		if ready { // since a moment ago
			next.ServeHTTP(w, r)
			return
		}
		refuse(w, r, waiting(doing))
	})
}

func waiting(doing string) refusal {
	return refusal{
		status: http.StatusServiceUnavailable, code: "TEMPORARILY_UNAVAILABLE",
		title: "MLflow is on its way", text: "The tracking server is not ready yet: " + doing + ".",
		retry: true,
	}
}

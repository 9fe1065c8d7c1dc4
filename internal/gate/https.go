package gate

import (
	"net/http"
	"strings"
)

// strictTransport is for browsers that came by https: for half a year they come by nothing else.
const strictTransport = "max-age=15552000"

// requireHTTPS sends whoever came by http to the same address by https, with a status that keeps method and body. The
// password of a client that was configured with http:// has been on the wire by then, but only once.
func requireHTTPS(on bool, next http.Handler) http.Handler {
	if !on {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if about(r).scheme == "https" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Location", "https://"+r.Host+r.URL.RequestURI())
		refuse(w, r, refusal{
			status: http.StatusPermanentRedirect, code: "HTTPS_REQUIRED",
			title: "This server is reached by https", text: "Use the same address with https:// in place of http://.",
		})
	})
}

// secureHeaders tells browsers what they may make of the answers. MLflow's pages need scripts and styles of their own
// kind, so that there is no content policy for them; what
// users have stored is never to be run as a page: an HTML file could else act with the rights of whoever looks at it.
// Whoever came by https, says a proxy that is believed, is to come by nothing else: also where nobody is sent there.
func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = noSniff
		h["Referrer-Policy"] = sameOrigin
		h["Cross-Origin-Opener-Policy"] = sameOrigin
		if !strings.HasPrefix(r.URL.Path, notebookFrame) {
			h["X-Frame-Options"] = sameOriginFrame
		}
		if about(r).scheme == "https" {
			h["Strict-Transport-Security"] = []string{strictTransport}
		}
		if to := about(r).to.family; to == artifactFile || to == artifactProxy {
			h["Content-Security-Policy"] = sandbox
		}
		next.ServeHTTP(w, r)
	})
}

// notebookFrame is what MLflow shows inside notebooks of other origins (TRACE_RENDERER_ASSET_PATH in its code).
const notebookFrame = "/static-files/lib/notebook-trace-renderer"

// Shared by all answers: nobody may change them.
var (
	noSniff         = []string{"nosniff"}
	sameOrigin      = []string{"same-origin"}
	sameOriginFrame = []string{"SAMEORIGIN"}
	sandbox         = []string{"sandbox"}
)

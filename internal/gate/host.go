package gate

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// checkHost refuses requests for a host name that is not this server's: a foreign name that resolves to this address
// (DNS rebinding) would make a browser treat a hostile page as same-origin.
func checkHost(allowed []string, next http.Handler) http.Handler {
	if len(allowed) == 0 {
		return next
	}
	// Whoever asks here may be an outsider, who is told no name; but localhost is everybody's.
	text := "This server does not answer to the name that was asked for. Its operator can add it to MLFLOW_ALLOWED_HOSTS."
	if slices.Contains(allowed, "localhost") {
		text = "This server answers to localhost, and not to the name that was asked for. MLFLOW_ALLOWED_HOSTS can have more names."
	}
	names := make([]string, len(allowed))
	for i, name := range allowed {
		names[i] = hostName(name)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(names, hostName(r.Host)) {
			refuse(w, r, refusal{
				status: http.StatusForbidden, code: "PERMISSION_DENIED",
				title: "Unknown host name",
				text:  text,
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName is a Host header without its port, brackets and the dot of a full name, in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), "."))
}

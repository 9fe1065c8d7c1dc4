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
	names := make([]string, len(allowed))
	for i, name := range allowed {
		names[i] = hostName(name)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(names, hostName(r.Host)) {
			refuse(w, r, refusal{
				status: http.StatusForbidden, code: "PERMISSION_DENIED",
				title: "Unknown host name",
				text:  "This server answers to " + strings.Join(allowed, ", ") + " only. Its operator can add a name to MLFLOW_ALLOWED_HOSTS.",
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

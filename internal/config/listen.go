package config

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// hostName is a DNS name, or a name of the kind that containers have.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`)

// numericTail finds what was meant as an IPv4 address: no top-level domain is a number (RFC 3696, section 2).
var numericTail = regexp.MustCompile(`(^|\.)[0-9]+\.?$`)

// listen reads where to listen.
func (r *reader) listen() (host string, port int) {
	port = r.number("PORT", 1, 65535)
	host = r.value("MLFLOW_HOST")
	if bare, ok := strings.CutPrefix(host, "["); ok {
		bare, ok = strings.CutSuffix(bare, "]")
		if ok && strings.Contains(bare, ":") {
			host = bare
		}
	}
	if _, err := netip.ParseAddr(host); err != nil && (!hostName.MatchString(host) || numericTail.MatchString(host)) {
		r.reject("MLFLOW_HOST", "%q is neither an IP address nor a host name (the port belongs into PORT)", host)
		host = ""
	}
	return host, port
}

// isLoopback says whether only this machine can reach the host.
func isLoopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// namesOf are the names under which a local server is reached, so that a page of another site cannot reach it by
// pointing its own name at this machine (DNS rebinding). Who listens everywhere is reached under names that nobody
// knows here: then every name is accepted.
func namesOf(host string) []string {
	names := []string{"localhost", "127.0.0.1", "[::1]"}
	addr, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		host = strings.ToLower(strings.TrimSuffix(host, "."))
	case addr.IsUnspecified():
		return nil
	case addr.Is6():
		host = "[" + host + "]"
	}
	if !slices.Contains(names, host) {
		names = append(names, host)
	}
	return names
}

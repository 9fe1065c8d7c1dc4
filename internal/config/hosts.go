package config

import (
	"net/netip"
	"strings"
)

const allowedHostsVariable = "MLFLOW_ALLOWED_HOSTS"

// allowedHosts reads the Host names that are accepted. On Heroku the default is the app's own name, where the platform
// tells it (https://devcenter.heroku.com/articles/dyno-metadata); an app with a domain of its own has to list it. Who
// listens on loopback without a proxy in front is asked for by this machine's own browsers only.
func (r *reader) allowedHosts(listening string, trusted Proxies) []string {
	list, given := r.set(allowedHostsVariable)
	if !given {
		if name, ok := r.set("HEROKU_APP_DEFAULT_DOMAIN_NAME"); ok {
			return []string{strings.ToLower(name)}
		}
		if r.profile.local || isLoopback(listening) && trusted.none() {
			return namesOf(listening)
		}
		return nil
	}
	if list == "*" {
		return nil
	}
	var names []string
	for i, name := range splitList(list) {
		bare := strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
		if _, err := netip.ParseAddr(bare); err != nil && !hostName.MatchString(name) {
			r.reject(allowedHostsVariable, "entry %d, %q, is neither a host name nor an address (no port, no scheme; * alone is any)", i+1, name)
			continue
		}
		names = append(names, strings.ToLower(name))
	}
	return names
}

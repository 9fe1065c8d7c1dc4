package config

import (
	"net/netip"
	"strconv"
)

// Proxies are the hops in front of the server that are believed about who a client is; none where both are empty.
type Proxies struct {
	// Hops is how many proxies every request passes through.
	Hops int
	// Networks are the addresses of proxies.
	Networks []netip.Prefix
}

func (p Proxies) none() bool { return p.Hops == 0 && len(p.Networks) == 0 }

// maxHops bounds how many proxies there can be in a row.
const maxHops = 10

// proxies reads who is believed, and whether clients shall come by https only. On a dyno that is Heroku's router, the one
// hop there is: nothing else can reach its port.
func (r *reader) proxies(dyno string) (p Proxies, forceHTTPS bool) {
	const variable = "MLFLOW_TRUSTED_PROXIES"
	list, given := r.set(variable)
	if !given && dyno != "" {
		p.Hops = 1
	}
	if hops, err := strconv.ParseUint(list, 10, 16); err == nil {
		if hops > maxHops {
			r.reject(variable, "%d are too many; at most %d", hops, maxHops)
		}
		p.Hops = int(hops)
	} else if given {
		for i, entry := range splitList(list) {
			network, ok := networkOf(entry)
			if !ok {
				r.reject(variable, "entry %d, %q, is neither an address nor a network (10.0.0.0/8); or it is all one number, of proxies in front", i+1, entry)
				continue
			}
			p.Networks = append(p.Networks, network)
		}
	}
	switch r.oneOf("MLFLOW_FORCE_HTTPS", "auto", "true", "false") {
	case "auto":
		forceHTTPS = dyno != ""
		if forceHTTPS && p.none() {
			r.reject(variable, "on a dyno Heroku's router is the one proxy that tells that a client came by https: leave it out, or count "+
				"all that are in front; without any, all would be sent round in circles (unless MLFLOW_FORCE_HTTPS=false)")
		}
	case "true":
		forceHTTPS = true
		if p.none() {
			r.reject("MLFLOW_FORCE_HTTPS", "without MLFLOW_TRUSTED_PROXIES nobody tells that a client came by https, and all would be sent round in circles")
		}
	}
	return p, forceHTTPS
}

func networkOf(entry string) (netip.Prefix, bool) {
	if address, err := netip.ParseAddr(entry); err == nil && address.Zone() == "" {
		return netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()), true
	}
	network, err := netip.ParsePrefix(entry)
	return network.Masked(), err == nil
}

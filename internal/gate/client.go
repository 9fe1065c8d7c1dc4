package gate

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies says which hops in front of this server are believed about who the client is and whether it came by https.
// At most one of the fields is set; with none, nobody is.
type Proxies struct {
	// Hops is how many proxies every request passes through. Each adds the peer it saw to X-Forwarded-For, so that the
	// client is the entry that many from the end; what stands before it is the client's own invention.
	Hops int
	// Networks are the proxies' addresses: the client is the last entry that is not one of them.
	Networks []netip.Prefix
}

// locate finds the client's address and scheme.
func (p Proxies) locate(a *request, r *http.Request) {
	a.scheme = "http"
	if r.TLS != nil {
		a.scheme = "https"
	}
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	a.address = peer.Addr().Unmap()
	if p.believes(a.address) {
		entries := listed(r.Header.Values("X-Forwarded-For"))
		if client := p.client(entries); client.IsValid() {
			a.address = client
		}
		if p.schemeOf(r.Header) == "https" {
			a.scheme = "https"
		}
	}
	a.client = r.RemoteAddr
	if a.address.IsValid() {
		a.client = a.address.String()
	}
}

// believes says whether the peer is a proxy that speaks for its clients.
func (p Proxies) believes(peer netip.Addr) bool { return p.Hops > 0 || p.has(peer) }

func (p Proxies) has(address netip.Addr) bool {
	if !address.IsValid() {
		return false
	}
	for _, network := range p.Networks {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// client is the address that the outermost believed proxy saw; invalid when that is none.
func (p Proxies) client(entries []string) netip.Addr {
	if p.Hops > 0 {
		if len(entries) == 0 {
			return netip.Addr{}
		}
		return addressOf(entries[max(0, len(entries)-p.Hops)])
	}
	found := netip.Addr{}
	for i := len(entries) - 1; i >= 0; i-- {
		address := addressOf(entries[i])
		if !address.IsValid() {
			break
		}
		found = address
		if !p.has(address) {
			break
		}
	}
	return found
}

// schemeOf is how the client came. CloudFront says it in a header of its own, because the load balancer behind it
// replaces X-Forwarded-Proto by the scheme between the two. That header is believed where more than one hop is.
func (p Proxies) schemeOf(h http.Header) string {
	if p.Hops != 1 {
		if viewer := h.Values("CloudFront-Forwarded-Proto"); len(viewer) == 1 {
			return strings.ToLower(viewer[0])
		}
	}
	entries := listed(h.Values("X-Forwarded-Proto"))
	if len(entries) == 0 {
		return ""
	}
	// Most proxies replace it; of those that append, each has one entry.
	return strings.ToLower(entries[max(0, len(entries)-max(1, p.Hops))])
}

// listed are the entries of a header that is a list, over all its lines.
func listed(lines []string) []string {
	var entries []string
	for _, line := range lines {
		for entry := range strings.SplitSeq(line, ",") {
			entries = append(entries, strings.TrimSpace(entry))
		}
	}
	return entries
}

// addressOf reads an entry of X-Forwarded-For: an address, with a port and brackets where a proxy adds them.
func addressOf(entry string) netip.Addr {
	if address, err := netip.ParseAddr(entry); err == nil {
		return address.Unmap().WithZone("")
	}
	if bare, ok := strings.CutPrefix(entry, "["); ok {
		if bare, ok = strings.CutSuffix(bare, "]"); ok {
			address, _ := netip.ParseAddr(bare)
			return address.Unmap().WithZone("")
		}
	}
	withPort, _ := netip.ParseAddrPort(entry)
	return withPort.Addr().Unmap().WithZone("")
}

package config

import (
	"cmp"
	"errors"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var errTwoHosts = errors.New("names its host twice: before the database and as a parameter")

// withWritableHost moves a host that could be taken for something else to the parameters, where it wins over the host
// when SQLAlchemy connects: make_url decodes user, password and database, but not the host.
func (u databaseURL) withWritableHost() (databaseURL, error) {
	if _, ok := writtenHost(u.host); ok {
		return u, nil
	}
	name := "host"
	if u.dialect == MySQL && strings.HasPrefix(u.host, "/") {
		name = "unix_socket"
	}
	if u.query.get(name) != "" {
		return databaseURL{}, errTwoHosts
	}
	u.query = u.query.with(name, u.host)
	u.host = ""
	return u, nil
}

// uri writes the URL so that SQLAlchemy's make_url (2.1) finds exactly these parts in it; the host must be writable.
// make_url takes the last @ before any colon for the end of the user, wherever that @ stands: so none is left raw in the
// database or the parameters.
func (u databaseURL) uri() string {
	var b strings.Builder
	b.WriteString(u.dialect)
	if u.driver != "" {
		b.WriteString("+" + u.driver)
	}
	b.WriteString("://")
	if u.hasUser {
		b.WriteString(escape(u.user))
		if u.hasPassword {
			b.WriteString(":" + escape(u.password))
		}
		b.WriteByte('@')
	}
	written, _ := writtenHost(u.host)
	b.WriteString(written)
	if u.port != 0 {
		b.WriteString(":" + strconv.Itoa(u.port))
	}
	if u.hasDatabase {
		b.WriteString("/" + escape(u.database))
	}
	if u.query != "" {
		b.WriteString("?" + string(u.query.escaped()))
	}
	return b.String()
}

var (
	plainHost = regexp.MustCompile(`^[\pL\pN\pM._~-]*$`)
	plainZone = regexp.MustCompile(`^[A-Za-z0-9._~-]*$`)
)

// writtenHost is the host as it stands in a URI, where it can stand there.
func writtenHost(host string) (string, bool) {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		return "[" + host + "]", plainZone.MatchString(addr.Zone())
	}
	return host, plainHost.MatchString(host)
}

// endpoint says where the server is, for messages: "host:port", or the path of a socket.
func (u databaseURL) endpoint() string {
	host := u.effectiveHost()
	if host == "" {
		return "the local socket"
	}
	if strings.HasPrefix(host, "/") {
		return host
	}
	port := strconv.Itoa(cmp.Or(u.port, dialects[u.dialect].port))
	if given := u.query.get("port"); given != "" {
		port = given
	}
	return net.JoinHostPort(host, port)
}

// effectiveHost is the host that SQLAlchemy connects to, where parameters win.
func (u databaseURL) effectiveHost() string {
	for _, name := range []string{"unix_socket", "host"} {
		if given := u.query.get(name); given != "" {
			return given
		}
	}
	return u.host
}

// isLocal says whether the connection does not leave the machine.
func (u databaseURL) isLocal() bool {
	host := u.effectiveHost()
	return host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || isLoopback(host)
}

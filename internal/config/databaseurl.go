package config

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// databaseURL is the URL of a database server, taken apart and decoded.
type databaseURL struct {
	dialect, driver string
	// user and password are told from empty ones, as SQLAlchemy does.
	user, password       string
	hasUser, hasPassword bool
	// host has no brackets, and can be any text, such as the directory of a socket.
	host string
	// port is 0 when none is given.
	port        int
	database    string
	hasDatabase bool
	// query is kept as it is written, so that parameters keep their order and repetitions.
	query query
}

var (
	errForm = errors.New("is not of the form dialect://user:password@host:port/database, " +
		"with special characters in user and password written as %XX (@ is %40)")
	// errDirectory is for what mlflow and mlflow-easyauth take for their file store.
	errDirectory = fmt.Errorf("%w; a directory is none: leave it unset for SQLite in the data directory, where "+
		"\"mlflow-server run -- mlflow migrate-filestore\" moves the runs of one", errForm)
	errAmbiguous = errors.New("can be read in more than one way: write special characters in user, password and database " +
		"as %XX (@ is %40, / is %2F)")
	errControl  = errors.New("begins or ends with a space, or holds a line break or another control character")
	errPort     = errors.New("its port is not a number from 1 to 65535")
	errEncoding = errors.New("is not UTF-8 once its %XX are decoded")
)

// parseServerURL takes apart what follows dialect:// in the URL of a database server.
//
// SQLAlchemy ends the password at the first @. Where that cannot be meant, because what follows is no host, a later @ is
// taken: so a password with a raw @, / or ? in it is read as its author meant it. Where two readings make sense, none is
// chosen. A # is an ordinary character everywhere, as for SQLAlchemy.
func parseServerURL(rest string) (databaseURL, error) {
	at, err := authority(rest)
	if err != nil {
		return databaseURL{}, err
	}
	var u databaseURL
	if at >= 0 {
		u.user, u.password, u.hasPassword = strings.Cut(rest[:at], ":")
		u.user, u.password, u.hasUser = unescape(u.user), unescape(u.password), true
	}
	host, port, after, _ := splitHostPort(rest[at+1:])
	u.host = host
	if port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil || number == 0 {
			return databaseURL{}, errPort
		}
		u.port = int(number)
	}
	path, parameters, _ := strings.Cut(after, "?")
	u.query = query(parameters)
	if path != "" {
		u.database, u.hasDatabase = unescape(path[1:]), true
	}
	for _, part := range []string{u.user, u.password, u.host, u.database} {
		if !utf8.ValidString(part) {
			return databaseURL{}, errEncoding
		}
	}
	return u, nil
}

// authority finds the @ that ends user and password: -1 when there are none.
func authority(rest string) (int, error) {
	nameEnd := strings.IndexByte(rest, ':')
	pathStart := strings.IndexAny(rest, "/?")
	var withDatabase, without []int
	for at := -1; at < len(rest); {
		// A user name with / or ? in it is none: this is a database or a parameter with a @.
		name := at
		if nameEnd >= 0 {
			name = min(at, nameEnd)
		}
		if pathStart >= 0 && pathStart < name {
			break
		}
		if _, _, after, ok := splitHostPort(rest[at+1:]); ok && len(after) > 1 && after[0] == '/' && after[1] != '?' {
			withDatabase = append(withDatabase, at)
		} else if ok {
			without = append(without, at)
		}
		next := strings.IndexByte(rest[at+1:], '@')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	candidates := withDatabase
	if len(candidates) == 0 {
		candidates = without
	}
	switch len(candidates) {
	case 0:
		return 0, errForm
	case 1:
		return candidates[0], nil
	default:
		return 0, errAmbiguous
	}
}

// hostPort is an IPv6 address in brackets or a host, and a port.
var hostPort = regexp.MustCompile(`^(?:\[([^\[\]]+)\]|([^\[\]:\s]*))(?::([0-9]*))?$`)

// splitHostPort takes host and port from the beginning of text, if that is what stands before its database or parameters.
// The host is decoded, as libpq does; SQLAlchemy does not, so that one with %XX in it could mean nothing else.
func splitHostPort(text string) (host, port, after string, ok bool) {
	end := strings.IndexAny(text, "/?@#")
	if end < 0 {
		end = len(text)
	} else if text[end] == '@' || text[end] == '#' {
		return "", "", "", false
	}
	match := hostPort.FindStringSubmatch(text[:end])
	if match == nil {
		return "", "", "", false
	}
	if match[1] == "" {
		return unescape(match[2]), match[3], text[end:], true
	}
	addr, err := netip.ParseAddr(match[1])
	return match[1], match[3], text[end:], err == nil && addr.Is6()
}

// schemeOf cuts a database URL at "://". The rest must be of one line: SQLAlchemy would cut parameters at a line break.
func schemeOf(raw string) (scheme, rest string, err error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	switch {
	case strings.TrimSpace(raw) != raw || strings.ContainsFunc(raw, unicode.IsControl):
		return "", "", errControl
	case !utf8.ValidString(raw):
		return "", "", errEncoding
	case raw != "" && !strings.ContainsAny(raw, ":@"):
		return "", "", errDirectory
	case !ok || scheme == "" || strings.ContainsAny(scheme, ":/?#@"):
		return "", "", errForm
	}
	return scheme, rest, nil
}

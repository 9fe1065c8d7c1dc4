// Package config turns the environment contract into one validated, typed value.
//
// Everything that a user can set is read here and nowhere else, once, before anything is started. What is wrong is
// reported all at once ([Problems]), so that a deployment is not fixed one restart at a time.
package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"mlflow-server/internal/users"
)

// Config is what the environment asks for: validated, with every default filled in.
type Config struct {
	// Host is the address or name to listen on, an IPv6 address without brackets.
	Host string
	// Port is the TCP port to listen on, 1 to 65535.
	Port int
	// TrustedProxies are the hops in front that are believed about clients.
	TrustedProxies Proxies
	// ForceHTTPS sends clients from http to https.
	ForceHTTPS bool
	// AllowedHosts are the Host names that the gate accepts, on any port and with IPv6 addresses in brackets; none
	// means that every name is accepted.
	AllowedHosts []string

	// Users are those who may come in: at least one, each name once.
	Users []User
	// UsersFile is the absolute path of the file that Users were read from; empty where there is none.
	UsersFile string
	// Viewers are the names of those who may read and not write.
	Viewers []string
	// Tokens stand for the passwords of users.
	Tokens []users.TokenHash
	// DefaultLogin says that somebody comes in with the well-known default password.
	DefaultLogin bool

	// BrowserPrompt leaves signing in to the browser's own window.
	BrowserPrompt bool
	// SessionSecret signs sessions; empty for one that lives and dies with the process.
	SessionSecret Secret
	// SessionTime is how long somebody stays signed in.
	SessionTime time.Duration
	// StampUser makes the signed-in user the author of new runs.
	StampUser bool
	// OpenRoutes are the parts of MLflow to open, of [ClosedRoutes].
	OpenRoutes []string
	// AuditLog is where changes are recorded: empty for nowhere, [Stdout], or the absolute path of a file.
	AuditLog string

	// DataDir is the absolute path of the directory for SQLite and other local state. It exists and is writable.
	DataDir string
	// Backend is the database that MLflow keeps experiments, runs and models in.
	Backend Backend
	// Artifacts is where MLflow keeps files.
	Artifacts Artifacts
	// Service is how artifacts are served.
	Service ArtifactService

	// Workers is the number of MLflow processes that answer requests; 0 is as many as fit.
	Workers int
	// Capacity is how much the server may take.
	Capacity Capacity
	// DatabaseWait is how long a start waits for a database that cannot be reached; 0 tries once.
	DatabaseWait time.Duration
	// MaxRequests and MaxRequestsPerUser bound the requests of users that are under way; 0 is no bound.
	MaxRequests, MaxRequestsPerUser int
	// DrainTimeout is how long requests in flight may take to finish when the server is stopped.
	DrainTimeout time.Duration
	// Dyno is the name of the Heroku dyno this runs on (such as web.1), empty anywhere else.
	// Source: https://devcenter.heroku.com/articles/dynos#local-environment-variables
	Dyno string
}

// Addr is the address to listen on, as [net.Listen] takes it.
func (c *Config) Addr() string {
	return net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
}

// LocalURL is the server's address for a client on this machine.
func (c *Config) LocalURL() string {
	host := c.Host
	addr, err := netip.ParseAddr(host)
	if err == nil && addr.IsUnspecified() {
		host = "127.0.0.1"
	}
	if c.Port != 80 {
		return "http://" + net.JoinHostPort(host, strconv.Itoa(c.Port))
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "http://" + host
}

// Profile is a set of defaults. There are two, [Serve] and [Local]; what is set means the same in both.
type Profile struct {
	local bool
}

var (
	// Serve are the defaults of a deployment.
	Serve = Profile{}
	// Local are the defaults of a server for the machine it runs on: loopback, its own port, all data in one directory.
	Local = Profile{local: true}
)

// Load reads the variables that lookup knows and checks them together. Its error is always [Problems], holding every
// problem there is. The data directory is made when it is missing and nothing else is wrong; nothing else is written.
func Load(p Profile, lookup Lookup) (*Config, error) {
	return loadAfter(nil, p, lookup)
}

// loadAfter is Load where problems have been found already, which stand first.
func loadAfter(found Problems, p Profile, lookup Lookup) (*Config, error) {
	r := &reader{profile: p, lookup: lookup, problems: found}
	c := &Config{}
	c.Dyno, _ = r.set("DYNO")

	c.Host, c.Port = r.listen()
	c.TrustedProxies, c.ForceHTTPS = r.proxies(c.Dyno)
	c.AllowedHosts = r.allowedHosts(c.Host, c.TrustedProxies)
	c.Users, c.UsersFile, c.DefaultLogin = r.users(c.Host, c.Dyno)
	c.Viewers, c.Tokens = r.viewers(c.Users), r.tokens(c.Users)
	c.BrowserPrompt = r.oneOf("MLFLOW_LOGIN", "page", "basic") == "basic"
	c.SessionSecret, c.SessionTime = r.session()
	c.StampUser = r.boolean("MLFLOW_STAMP_USER")
	c.OpenRoutes, c.AuditLog = r.openRoutes(), r.auditLog()
	c.DataDir = r.dataDir()
	c.Artifacts = r.artifacts(c.DataDir)
	c.Service = r.artifactService(c.Artifacts)
	c.Backend = r.backend(c.DataDir, c.Dyno)
	c.DatabaseWait = r.seconds("MLFLOW_DB_WAIT_SECONDS")
	if _, ok := r.set("WEB_CONCURRENCY"); ok {
		c.Workers = r.number("WEB_CONCURRENCY", 1, 64)
	}
	c.Capacity = r.capacity(c.Backend, c.Artifacts, c.Dyno)
	c.MaxRequests = r.number("MLFLOW_MAX_REQUESTS", 0, 1_000_000)
	c.MaxRequestsPerUser = r.number("MLFLOW_MAX_REQUESTS_PER_USER", 0, 1_000_000)
	c.DrainTimeout = r.seconds("MLFLOW_DRAIN_SECONDS")

	if len(r.problems) == 0 {
		r.makeDataDir(c.DataDir)
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return c, nil
}

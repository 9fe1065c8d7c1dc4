package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Backend is the database that MLflow keeps its records in.
type Backend struct {
	// URI is for SQLAlchemy: the driver explicit, every part escaped.
	URI Secret
	// Source is the variable that decided: MLFLOW_BACKEND_URI, DATABASE_URL, MLFLOW_DB_HOST, MLFLOW_DB_DIALECT, or
	// MLFLOW_DATA_DIR when none of them is set.
	Source string
	// Dialect is PostgreSQL, MySQL, MSSQL or SQLite; Driver is SQLAlchemy's name of the driver, empty for SQLite's own.
	Dialect, Driver string
	// Endpoint is where the server is, for messages: host:port or the path of a socket, empty for SQLite.
	Endpoint string
	// File is the absolute path of the database, for SQLite only.
	File string
}

// sqliteFile is the database's name in the data directory.
const sqliteFile = "mlflow.db"

// backend reads the backend store: MLFLOW_BACKEND_URI, DATABASE_URL, MLFLOW_DB_*, or else SQLite in the data directory.
func (r *reader) backend(dataDir, dyno string) Backend {
	for _, name := range []string{"MLFLOW_BACKEND_URI", "DATABASE_URL"} {
		raw, ok := r.set(name)
		if !ok {
			continue
		}
		// PGSSLMODE is libpq's own way to give a sslmode, which a parameter would override.
		_, given := r.set("PGSSLMODE")
		b, err := mapDatabaseURL(raw, name == "DATABASE_URL" && dyno != "" && !given)
		if err != nil {
			r.reject(name, "%v", err)
		}
		b.Source = name
		r.checkFile(b)
		return b
	}
	name, driver, err := parseDialect(r.value("MLFLOW_DB_DIALECT"))
	_, host := r.set("MLFLOW_DB_HOST")
	switch {
	case err != nil && host:
		r.reject("MLFLOW_DB_DIALECT", "%v", err)
		return Backend{}
	case err == nil && name == SQLite:
		return r.sqliteFromParts(driver, dataDir)
	case host:
		return r.serverFromParts(name, driver)
	}
	return sqliteBackend("MLFLOW_DATA_DIR", "", filepath.Join(dataDir, sqliteFile), "")
}

// mapDatabaseURL maps a database URL to what MLflow and SQLAlchemy understand. What it has mapped, it leaves alone.
//
// With tls, PostgreSQL gets sslmode=require unless the URL has a sslmode: Heroku's databases ask for TLS and its URLs do
// not always say so. Connections inside the machine are left alone, since what listens there (pgbouncer, a database for
// tests) speaks no TLS.
func mapDatabaseURL(raw string, tls bool) (Backend, error) {
	scheme, rest, err := schemeOf(raw)
	if err != nil {
		return Backend{}, err
	}
	name, driver, err := parseDialect(scheme)
	if err != nil {
		return Backend{}, err
	}
	if name == SQLite {
		file, parameters, err := parseSQLiteURL(rest)
		if err != nil {
			return Backend{}, err
		}
		return sqliteBackend("", driver, file, parameters), nil
	}
	u, err := parseServerURL(rest)
	if err != nil {
		return Backend{}, err
	}
	u.dialect, u.driver = name, driver
	libpq := driver == "psycopg" || driver == "psycopg2"
	if tls && libpq && u.query.get("sslmode") == "" && !u.isLocal() {
		u.query = u.query.with("sslmode", "require")
	}
	return u.backend()
}

func (u databaseURL) backend() (Backend, error) {
	u, err := u.withWritableHost()
	if err != nil {
		return Backend{}, err
	}
	return Backend{URI: Secret(u.uri()), Dialect: u.dialect, Driver: u.driver, Endpoint: u.endpoint()}, nil
}

func sqliteBackend(source, driver, file string, parameters query) Backend {
	return Backend{URI: Secret(sqliteURI(driver, file, parameters)), Source: source, Dialect: SQLite, Driver: driver, File: file}
}

// sqliteFromParts reads MLFLOW_DB_* for SQLite, where only the database counts: a file in the data directory.
func (r *reader) sqliteFromParts(driver, dataDir string) Backend {
	if _, ok := r.set("MLFLOW_DB_HOST"); ok {
		r.reject("MLFLOW_DB_HOST", "SQLite has no host; unset it, or choose another MLFLOW_DB_DIALECT")
	}
	file, ok := r.set("MLFLOW_DB_DATABASE")
	if !ok {
		file = sqliteFile
	}
	if file == ":memory:" {
		r.reject("MLFLOW_DB_DATABASE", "%v", errMemory)
		return Backend{}
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(dataDir, file)
	}
	b := sqliteBackend("MLFLOW_DB_DIALECT", driver, filepath.Clean(file), "")
	r.checkFile(b)
	return b
}

// hostWithPort finds a port that belongs into its own variable. (A host with a colon is otherwise an IPv6 address.)
var hostWithPort = regexp.MustCompile(`^(\[.*\]|[^:]*):[0-9]*$`)

func (r *reader) serverFromParts(name, driver string) Backend {
	u := databaseURL{dialect: name, driver: driver, hasUser: true, hasPassword: true, hasDatabase: true}
	u.user = r.part("MLFLOW_DB_USERNAME")
	u.password = r.part("MLFLOW_DB_PASSWORD")
	u.host = r.part("MLFLOW_DB_HOST")
	u.database = r.part("MLFLOW_DB_DATABASE")
	if hostWithPort.MatchString(u.host) {
		r.reject("MLFLOW_DB_HOST", "ends with a port, which belongs into MLFLOW_DB_PORT")
	}
	if bare := strings.TrimSuffix(strings.TrimPrefix(u.host, "["), "]"); u.host == "["+bare+"]" {
		if _, err := netip.ParseAddr(bare); err == nil {
			u.host = bare
		}
	}
	u.port = dialects[name].port
	if _, ok := r.set("MLFLOW_DB_PORT"); ok {
		u.port = r.number("MLFLOW_DB_PORT", 1, 65535)
	}
	b, err := u.backend()
	if err != nil {
		r.reject("MLFLOW_DB_HOST", "%v", err)
	}
	b.Source = "MLFLOW_DB_HOST"
	return b
}

// part reads one part of a URI. Python could not pass on what is not UTF-8.
func (r *reader) part(name string) string {
	text := r.value(name)
	if !utf8.ValidString(text) {
		r.reject(name, "is not UTF-8")
	}
	return text
}

// checkFile notes a problem when something other than a file is where SQLite's is to be.
func (r *reader) checkFile(b Backend) {
	if b.File == "" {
		return
	}
	if info, err := os.Stat(b.File); err == nil && info.IsDir() {
		r.reject(b.Source, "the SQLite database %s is a directory", b.File)
		return
	}
	r.mustAllowDirectory(b.Source, filepath.Dir(b.File))
}

package config

import (
	"errors"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	errSQLiteForm = errors.New("SQLite has no host; the form is sqlite:////absolute/path or sqlite:///relative/path")
	errMemory     = errors.New("names a SQLite database in memory, which is lost at every stop and not shared by workers; give it a file")
	errSQLiteURI  = errors.New("file: URIs of SQLite are not supported; the form is sqlite:////absolute/path")
)

// parseSQLiteURL takes what follows sqlite:// apart into the file's absolute path and the parameters.
func parseSQLiteURL(rest string) (file string, parameters query, err error) {
	path, after, _ := strings.Cut(rest, "?")
	parameters = query(after)
	if path != "" && path[0] != '/' {
		return "", "", errSQLiteForm
	}
	file = unescape(strings.TrimPrefix(path, "/"))
	switch {
	case file == "" || file == ":memory:" || parameters.get("mode") == "memory" || parameters.get("vfs") == "memdb":
		return "", "", errMemory
	case strings.HasPrefix(file, "file:"):
		return "", "", errSQLiteURI
	case !utf8.ValidString(file):
		return "", "", errEncoding
	case strings.ContainsFunc(file, unicode.IsControl):
		return "", "", errControl
	}
	file, err = filepath.Abs(file)
	return file, parameters, err
}

// sqliteURI is the URI of a file. Only what would be taken for something else is escaped (by SQLAlchemy, or here, where
// a space at the end is a mistake): MLflow makes the file's directory from the URI without decoding it
// (mlflow.store.db.utils), so each %XX would make a stray one.
func sqliteURI(driver, file string, parameters query) string {
	uri := SQLite
	if driver != "" {
		uri += "+" + driver
	}
	path := strings.TrimRightFunc(file, unicode.IsSpace)
	uri += ":///" + strings.ReplaceAll(escapedPercent.ReplaceAllString(path, "%25$1"), "?", "%3F") + escape(file[len(path):])
	if parameters != "" {
		uri += "?" + string(parameters.escaped())
	}
	return uri
}

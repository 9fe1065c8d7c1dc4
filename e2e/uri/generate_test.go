package uri_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
)

// awkward are texts that mean something in a URI, in Python's quoting, in alembic's configuration or in a shell.
var awkward = []string{"@", ":", "/", "#", "%", ",", "?", "&", "=", "+", " ", ";", "'", `"`, `\`, "[", "]", "{", "}", "<", ">", "|", "^", "~", "!", "$",
	"*", "(", ")", "`", "%41", "%25", "%zz", "%%", "%(x)s", "$HOME", "://", "@host", "/db", "..", "ü", "ß", "日本", "😀", "é", "mlflow", "a", "Z", "0", "-", "_", "."}

type generator struct{ *rand.Rand }

// text is at least one of the pieces.
func (g generator) text(pieces []string) string {
	var b strings.Builder
	for range 1 + g.IntN(6) {
		b.WriteString(pieces[g.IntN(len(pieces))])
	}
	return b.String()
}

func (g generator) oneOf(texts ...string) string { return texts[g.IntN(len(texts))] }

// parts are what a database is reached with.
type parts struct {
	dialect, user, password, host, port, database string
}

func (p parts) variables() map[string]string {
	return map[string]string{"MLFLOW_DB_DIALECT": p.dialect, "MLFLOW_DB_USERNAME": p.user, "MLFLOW_DB_PASSWORD": p.password,
		"MLFLOW_DB_HOST": p.host, "MLFLOW_DB_PORT": p.port, "MLFLOW_DB_DATABASE": p.database}
}

// parts are of any characters, line breaks included.
func (g generator) parts() parts {
	pieces := append([]string{"\n", "\t", "\x7f"}, awkward...)
	p := parts{
		dialect: g.oneOf("postgresql", "mysql", "postgres", "postgresql+psycopg2", "mysql+mysqldb", "postgresql+psycopg"),
		user:    g.text(pieces), password: g.text(pieces), database: g.text(pieces),
		port: fmt.Sprint(1 + g.IntN(65535)),
		host: g.oneOf("localhost", "db.example.com", "my_db-1", "10.0.0.1", "::1", "2001:db8::1", "fe80::1%eth0", "/var/run/postgresql",
			"/run/a b@c", "bücher.example", "日本.example"),
	}
	if g.IntN(3) == 0 {
		// A host that ends with a colon and a number is refused: that is a port.
		p.host = g.text(awkward) + "x"
	}
	return p
}

// escapedURL is a URL whose parts are escaped by net/url, and which SQLAlchemy reads as it is meant.
func (g generator) escapedURL() string {
	var b strings.Builder
	b.WriteString(g.oneOf("postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2", "mysql", "mysql+pymysql") + "://")
	if g.IntN(10) > 0 {
		b.WriteString(escaped(g.text(awkward)))
		if g.IntN(10) > 0 {
			b.WriteString(":" + escaped(g.text(awkward)))
		}
		b.WriteByte('@')
	}
	b.WriteString(g.oneOf("localhost", "ec2-1-2-3-4.compute-1.amazonaws.com", "10.0.0.1", "[::1]", "[2001:db8::1]", "my_db", "bücher.example"))
	if g.IntN(3) > 0 {
		b.WriteString(fmt.Sprintf(":%d", 1+g.IntN(65535)))
	}
	if g.IntN(10) > 0 {
		b.WriteString("/" + escaped(g.text(awkward)))
	}
	separator := "?"
	for range g.IntN(4) {
		b.WriteString(separator + g.oneOf("sslmode", "application_name", "options", "a%20b", "ü") + "=" + g.oneOf("", "1", "require", url.QueryEscape(g.text(awkward))))
		separator = "&"
	}
	return b.String()
}

// escaped leaves out nothing that could be an escape for the reader on the other side.
func escaped(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// rawURL has a password in it as somebody would type it; only what cannot be told from an escape or a user is left out.
func (g generator) rawURL() (written string, p parts) {
	typed := []string{"@", ":", "/", "#", "%", ",", "?", "&", "=", "+", " ", ";", "'", "[", "]", "!", "$", "*", "%zz", "ü", "p", "w", "7"}
	password := strings.ReplaceAll(g.text(typed), "%7", "%z")
	p = parts{user: g.oneOf("user", "user@server", "us#r", "ü%"), password: password, host: "db.example.com", port: "5432", database: "mlflow"}
	return "postgres://" + p.user + ":" + p.password + "@" + p.host + ":" + p.port + "/" + p.database, p
}

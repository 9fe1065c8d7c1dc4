package config

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestDatabaseURLs(t *testing.T) {
	for given, want := range map[string]string{
		"postgres://u:p@h:5432/db":                      "postgresql+psycopg://u:p@h:5432/db",
		"postgresql://u:p@h/db":                         "postgresql+psycopg://u:p@h/db",
		"POSTGRES://u:p@h/db":                           "postgresql+psycopg://u:p@h/db",
		"postgresql+psycopg://u:p@h/db":                 "postgresql+psycopg://u:p@h/db",
		"postgresql+psycopg2://u:p@h/db":                "postgresql+psycopg2://u:p@h/db",
		"postgres+psycopg2://u:p@h/db":                  "postgresql+psycopg2://u:p@h/db",
		"mysql://u:p@h/db":                              "mysql+pymysql://u:p@h/db",
		"mysql+mysqldb://u:p@h/db":                      "mysql+mysqldb://u:p@h/db",
		"mssql://u:p@h/db":                              "mssql+pyodbc://u:p@h/db",
		"postgres://h/db":                               "postgresql+psycopg://h/db",
		"postgres://h":                                  "postgresql+psycopg://h",
		"postgres://h/":                                 "postgresql+psycopg://h/",
		"postgres:///db":                                "postgresql+psycopg:///db",
		"postgres://u@h/db":                             "postgresql+psycopg://u@h/db",
		"postgres://:p@h/db":                            "postgresql+psycopg://:p@h/db",
		"postgres://u:@h/db":                            "postgresql+psycopg://u:@h/db",
		"postgres://u:p@:5432/db":                       "postgresql+psycopg://u:p@:5432/db",
		"postgres://u:p@h:/db":                          "postgresql+psycopg://u:p@h/db",
		"postgres://u:p@h:05432/db":                     "postgresql+psycopg://u:p@h:5432/db",
		"postgres://u:p@[::1]:5432/db":                  "postgresql+psycopg://u:p@[::1]:5432/db",
		"postgres://u:p@h/db?b=2&a=1&b=3&x=&c=%20+#/?":  "postgresql+psycopg://u:p@h/db?b=2&a=1&b=3&x=&c=%20+#/?",
		"postgres://u:p@h/db?":                          "postgresql+psycopg://u:p@h/db",
		"postgres://u:p@h/db?a=b@c":                     "postgresql+psycopg://u:p@h/db?a=b%40c",
		"postgres://h?user=a@b":                         "postgresql+psycopg://h?user=a%40b",
		"postgres://u:p@%2Frun%2Fpg/db":                 "postgresql+psycopg://u:p@/db?host=%2Frun%2Fpg",
		"postgres://u:p@/db?host=/run/pg":               "postgresql+psycopg://u:p@/db?host=/run/pg",
		"postgres://u:p@a,b/db":                         "postgresql+psycopg://u:p@/db?host=a%2Cb",
		"mysql://u:p@%2Frun%2Fmy.sock/db":               "mysql+pymysql://u:p@/db?unix_socket=%2Frun%2Fmy.sock",
		"postgres://u%40x:p%3A%2F%23%25%2c@h/d%2Fb":     "postgresql+psycopg://u%40x:p%3A%2F%23%25%2C@h/d%2Fb",
		"postgres://ü:ß%C3%9F@h/ä":                      "postgresql+psycopg://%C3%BC:%C3%9F%C3%9F@h/%C3%A4",
		"postgres://u:a#b@h/db":                         "postgresql+psycopg://u:a%23b@h/db",
		"postgres://u:100%@h/db":                        "postgresql+psycopg://u:100%25@h/db",
		"postgres://u:100%25@h/db":                      "postgresql+psycopg://u:100%25@h/db",
		"postgres://u:a%zzb@h/db":                       "postgresql+psycopg://u:a%25zzb@h/db",
		"postgres://u:a:b@h/db":                         "postgresql+psycopg://u:a%3Ab@h/db",
		"postgres://u:p@ss@h/db":                        "postgresql+psycopg://u:p%40ss@h/db",
		"postgres://u:@@@h/db":                          "postgresql+psycopg://u:%40%40@h/db",
		"postgres://u:a/b@h/db":                         "postgresql+psycopg://u:a%2Fb@h/db",
		"postgres://u:a?b&c=d+e@h/db":                   "postgresql+psycopg://u:a%3Fb%26c%3Dd%2Be@h/db",
		"postgres://u:1?b@h/db":                         "postgresql+psycopg://u:1%3Fb@h/db",
		"postgres://u:a b[c]<d>@h/db":                   "postgresql+psycopg://u:a%20b%5Bc%5D%3Cd%3E@h/db",
		"postgres://u@server:p@h/db":                    "postgresql+psycopg://u%40server:p@h/db",
		"postgres://u@server@h/db":                      "postgresql+psycopg://u%40server@h/db",
		"postgres://u:p@h/d@b":                          "postgresql+psycopg://u:p@h/d%40b",
		"sqlite:////srv/a b/mlflow.db":                  "sqlite:////srv/a b/mlflow.db",
		"sqlite:////srv/a%20b%3F%23.db?timeout=30&a=%b": "sqlite:////srv/a b%3F#.db?timeout=30&a=%b",
		"sqlite:////50%/%2541":                          "sqlite:////50%/%2541",
		"sqlite+pysqlite:////srv/mlflow.db":             "sqlite+pysqlite:////srv/mlflow.db",
		"sqlite:///rel.db":                              "sqlite:///DIR/rel.db",
	} {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		want = strings.Replace(want, "DIR", dir, 1)
		b, err := mapDatabaseURL(given, false)
		if err != nil || b.URI.Reveal() != want {
			t.Errorf("%s\n got %s, %v\nwant %s", given, b.URI.Reveal(), err, want)
			continue
		}
		if again, err := mapDatabaseURL(want, false); err != nil || again != b {
			t.Errorf("%s mapped twice is %s, %v", given, again.URI.Reveal(), err)
		}
	}
}

func TestDatabaseURLsThatAreRefused(t *testing.T) {
	for given, want := range map[string]error{
		"hunter2":                             errDirectory,
		"./hunter2":                           errDirectory,
		"/hunter2/mlruns":                     errDirectory,
		"u:hunter2@h/db":                      errForm,
		"u:hunter2://h/db":                    errForm,
		"://u:hunter2@h/db":                   errForm,
		"postgres:u:hunter2@h/db":             errForm,
		`"postgres://u:hunter2@h/db"`:         nil, // an unknown dialect
		"oracle://u:hunter2@h/db":             nil,
		"hunter2://h/db":                      nil,
		"mysql+://h/db":                       nil,
		"postgresql+asyncpg://u:hunter2@h/db": nil,
		"postgres://u:hunter2@h:abc/db":       errForm,
		"postgres://u:hunter2@h:5 4/db":       errForm,
		"postgres://u:hunter2@h1:1,h2:2/db":   errForm,
		"postgres://u:hunter2@[::1/db":        errForm,
		"postgres://u:hunter2@[]/db":          errForm,
		"postgres://u:hunter2@[h]/db":         errForm,
		"postgres://u:hunter2@[::1]x/db":      errForm,
		"postgres://u:hunter2@h:0/db":         errPort,
		"postgres://u:hunter2@h:65536/db":     errPort,
		"postgres://u:p@hunter2/x@h/db":       errAmbiguous,
		"postgres://u:hunter2@h/a@b/c":        errAmbiguous,
		"postgres://u:12/hunter2@h/db":        errAmbiguous,
		" postgres://u:hunter2@h/db":          errControl,
		"postgres://u:hunter2@h/db\n":         errControl,
		"postgres://u:hunter2\x00@h/db":       errControl,
		"postgres://u:hunter2\xff@h/db":       errEncoding,
		"postgres://u:hunter2%FF@h/db":        errEncoding,
		"postgres://u:p@h%2F/db?host=hunter2": errTwoHosts,
		"sqlite://":                           errMemory,
		"sqlite:///":                          errMemory,
		"sqlite:///:memory:":                  errMemory,
		"sqlite:////x?mode=memory":            errMemory,
		"sqlite:///file:hunter2?uri=true":     errSQLiteURI,
		"sqlite://hunter2.db":                 errSQLiteForm,
		"sqlite://u:hunter2@h/db":             errSQLiteForm,
		"sqlite:////hunter2%00":               errControl,
		"sqlite:////hunter2%FF":               errEncoding,
	} {
		b, err := mapDatabaseURL(given, true)
		if err == nil || (want != nil && !errors.Is(err, want)) || strings.Contains(err.Error(), "hunter2") || b != (Backend{}) {
			t.Errorf("%q: got %v, want %v", given, err, want)
		}
	}
}

func TestHerokusDatabaseIsReachedWithTLS(t *testing.T) {
	for name, c := range map[string]struct {
		variables map[string]string
		query     string
	}{
		"on a dyno":             {map[string]string{"DATABASE_URL": "postgres://u:p@h:5432/db", "DYNO": "web.1"}, "?sslmode=require"},
		"elsewhere":             {map[string]string{"DATABASE_URL": "postgres://u:p@h:5432/db"}, ""},
		"behind parameters":     {map[string]string{"DATABASE_URL": "postgres://u:p@h/db?a=b", "DYNO": "web.1"}, "?a=b&sslmode=require"},
		"with psycopg2":         {map[string]string{"DATABASE_URL": "postgresql+psycopg2://u:p@h/db", "DYNO": "web.1"}, "?sslmode=require"},
		"a mode that is given":  {map[string]string{"DATABASE_URL": "postgres://u:p@h/db?sslmode=disable", "DYNO": "web.1"}, "?sslmode=disable"},
		"a mode, spelled oddly": {map[string]string{"DATABASE_URL": "postgres://u:p@h/db?ssl%6Dode=prefer", "DYNO": "web.1"}, "?ssl%6Dode=prefer"},
		"an empty mode":         {map[string]string{"DATABASE_URL": "postgres://u:p@h/db?sslmode=", "DYNO": "web.1"}, "?sslmode=&sslmode=require"},
		"libpq's own variable":  {map[string]string{"DATABASE_URL": "postgres://u:p@h/db", "DYNO": "web.1", "PGSSLMODE": "verify-full"}, ""},
		"pgbouncer beside it":   {map[string]string{"DATABASE_URL": "postgres://u:p@127.0.0.1:6000/db", "DYNO": "web.1"}, ""},
		"a database in a dyno":  {map[string]string{"DATABASE_URL": "postgres://u:p@localhost/db", "DYNO": "run.1"}, ""},
		"a socket":              {map[string]string{"DATABASE_URL": "postgres://u:p@/db?host=/run", "DYNO": "web.1"}, "?host=/run"},
		"MySQL":                 {map[string]string{"DATABASE_URL": "mysql://u:p@h/db", "DYNO": "web.1"}, ""},
		"another driver":        {map[string]string{"DATABASE_URL": "postgresql+pg8000://u:p@h/db", "DYNO": "web.1"}, ""},
		"a URI of one's own":    {map[string]string{"MLFLOW_BACKEND_URI": "postgresql://u:p@h/db", "DYNO": "web.1"}, ""},
		"parts":                 {map[string]string{"MLFLOW_DB_HOST": "h", "DYNO": "web.1"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			uri := mustLoad(t, Serve, c.variables).Backend.URI.Reveal()
			_, query, found := strings.Cut(uri, "?")
			if found {
				query = "?" + query
			}
			if query != c.query {
				t.Errorf("got %q, want %q", query, c.query)
			}
			if again, err := mapDatabaseURL(uri, true); c.query == "?sslmode=require" && (err != nil || again.URI.Reveal() != uri) {
				t.Errorf("mapped twice: %s, %v", again.URI.Reveal(), err)
			}
		})
	}
}

func TestEndpointsForMessages(t *testing.T) {
	for given, want := range map[string]string{
		"postgres://u:p@h/db":                     "h:5432",
		"postgres://u:p@h:1/db":                   "h:1",
		"mysql://u:p@[::1]/db":                    "[::1]:3306",
		"postgres:///db":                          "the local socket",
		"postgres:///db?host=/run":                "/run",
		"postgres://u:p@x/db?host=y&port=7":       "y:7",
		"mysql://u:p@x/db?unix_socket=/run/s":     "/run/s",
		"postgres://u:p@%2Frun/db?sslmode=prefer": "/run",
		"sqlite:////srv/x.db":                     "",
	} {
		if b, err := mapDatabaseURL(given, false); err != nil || b.Endpoint != want {
			t.Errorf("%s: got %s, %v, want %s", given, b.Endpoint, err, want)
		}
	}
}

// marker stands in the secret of every fuzzed URL and in no message.
const marker = "Zq7"

func FuzzMappingNeverPanicsIsIdempotentAndKeepsSecrets(f *testing.F) {
	for _, seed := range [][3]string{
		{"postgres", "u:p@h:5432/db", "?sslmode=require&a=b@c"},
		{"postgresql+psycopg2", "u@s:@#/?%41%zz@[::1]:1/d%2Fb", ""},
		{"mysql", "%2Frun%2Fs/db", "?host=x&unix_socket=%20+"},
		{"sqlite", "/srv/%41%2541?x#", "mode=memory"},
		{"mssql", "ü:ß@h\\i/x", "?\x7f\xff"},
		{"mariadb", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], true)
		f.Add(seed[0], seed[1], seed[2], false)
	}
	f.Fuzz(func(t *testing.T, scheme, before, after string, tls bool) {
		for _, raw := range []string{
			scheme + "://" + before + marker + after,
			scheme + "://" + before + ":" + marker + after + "@host/db",
			"postgres://" + before + ":" + marker + "@" + after,
			"sqlite:///" + before + marker + after,
			scheme + before + marker + after,
		} {
			b, err := mapDatabaseURL(raw, tls)
			if err != nil {
				if strings.Contains(err.Error(), marker) {
					t.Fatalf("the message about %q shows a secret: %v", raw, err)
				}
				continue
			}
			again, err := mapDatabaseURL(b.URI.Reveal(), tls)
			if err != nil || again != b {
				t.Fatalf("%q mapped once is %q, twice %q, %v", raw, b.URI.Reveal(), again.URI.Reveal(), err)
			}
		}
	})
}

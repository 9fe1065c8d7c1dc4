package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheBackendWithTheHighestPrecedenceWins(t *testing.T) {
	all := []struct{ name, value string }{
		{"MLFLOW_BACKEND_URI", "postgresql+psycopg://u:p@one/db"},
		{"DATABASE_URL", "postgres://u:p@two/db"},
		{"MLFLOW_DB_HOST", "three"},
	}
	for i, first := range all {
		variables := map[string]string{}
		for _, v := range all[i:] {
			variables[v.name] = v.value
		}
		b := mustLoad(t, Serve, variables).Backend
		if want := []string{"one:5432", "two:5432", "three:5432"}[i]; b.Source != first.name || b.Endpoint != want {
			t.Errorf("with %s and below: %s from %s", first.name, b.Endpoint, b.Source)
		}
	}
	b := mustLoad(t, Serve, map[string]string{"MLFLOW_DB_DATABASE": "db", "MLFLOW_DB_PASSWORD": "p", "MLFLOW_DB_DIALECT": "unknown"}).Backend
	if b.Source != "MLFLOW_DATA_DIR" || b.Dialect != SQLite {
		t.Errorf("MLFLOW_DB_* counts without a host: %+v", b)
	}
}

func TestPartsBecomeAURI(t *testing.T) {
	for name, c := range map[string]struct {
		parts    map[string]string // without MLFLOW_DB_
		uri      string
		endpoint string
	}{
		"only a host":     {map[string]string{"HOST": "db"}, "postgresql+psycopg://mlflow:mlflow@db:5432/mlflow", "db:5432"},
		"mysql":           {map[string]string{"HOST": "db", "DIALECT": "mysql"}, "mysql+pymysql://mlflow:mlflow@db:3306/mlflow", "db:3306"},
		"a driver":        {map[string]string{"HOST": "db", "DIALECT": "postgresql+psycopg2"}, "postgresql+psycopg2://mlflow:mlflow@db:5432/mlflow", "db:5432"},
		"mssql":           {map[string]string{"HOST": "db", "DIALECT": "MSSQL"}, "mssql+pyodbc://mlflow:mlflow@db:1433/mlflow", "db:1433"},
		"a port":          {map[string]string{"HOST": "db", "PORT": "6543"}, "postgresql+psycopg://mlflow:mlflow@db:6543/mlflow", "db:6543"},
		"special":         {map[string]string{"HOST": "db", "USERNAME": "a@b:c/d", "PASSWORD": "#%,? &=+%41ü'", "DATABASE": "x/y?z#%20"}, "postgresql+psycopg://a%40b%3Ac%2Fd:%23%25%2C%3F%20%26%3D%2B%2541%C3%BC%27@db:5432/x%2Fy%3Fz%23%2520", "db:5432"},
		"IPv6":            {map[string]string{"HOST": "2001:db8::1"}, "postgresql+psycopg://mlflow:mlflow@[2001:db8::1]:5432/mlflow", "[2001:db8::1]:5432"},
		"IPv6, brackets":  {map[string]string{"HOST": "[::1]"}, "postgresql+psycopg://mlflow:mlflow@[::1]:5432/mlflow", "[::1]:5432"},
		"IPv6, zone":      {map[string]string{"HOST": "fe80::1%eth0"}, "postgresql+psycopg://mlflow:mlflow@[fe80::1%eth0]:5432/mlflow", "[fe80::1%eth0]:5432"},
		"a socket":        {map[string]string{"HOST": "/var/run/postgresql"}, "postgresql+psycopg://mlflow:mlflow@:5432/mlflow?host=%2Fvar%2Frun%2Fpostgresql", "/var/run/postgresql"},
		"a MySQL socket":  {map[string]string{"HOST": "/run/my.sock", "DIALECT": "mysql"}, "mysql+pymysql://mlflow:mlflow@:3306/mlflow?unix_socket=%2Frun%2Fmy.sock", "/run/my.sock"},
		"an unusual host": {map[string]string{"HOST": "a@b#c"}, "postgresql+psycopg://mlflow:mlflow@:5432/mlflow?host=a%40b%23c", "a@b#c:5432"},
		"a foreign host":  {map[string]string{"HOST": "bücher.example"}, "postgresql+psycopg://mlflow:mlflow@bücher.example:5432/mlflow", "bücher.example:5432"},
	} {
		t.Run(name, func(t *testing.T) {
			variables := map[string]string{}
			for part, value := range c.parts {
				variables["MLFLOW_DB_"+part] = value
			}
			b := mustLoad(t, Serve, variables).Backend
			if b.URI.Reveal() != c.uri || b.Endpoint != c.endpoint || b.Source != "MLFLOW_DB_HOST" {
				t.Errorf("got %s at %s from %s", b.URI.Reveal(), b.Endpoint, b.Source)
			}
			again, err := mapDatabaseURL(c.uri, false)
			if err != nil || again.URI != b.URI || again.Endpoint != b.Endpoint {
				t.Errorf("mapped again: %s at %s, %v", again.URI.Reveal(), again.Endpoint, err)
			}
		})
	}
}

func TestPartsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		parts map[string]string
		want  string
	}{
		"an unknown dialect":      {map[string]string{"HOST": "db", "DIALECT": "oracle"}, "MLFLOW_DB_DIALECT: its dialect is not one that MLflow knows: mssql, mysql, postgresql, sqlite"},
		"mariadb":                 {map[string]string{"HOST": "db", "DIALECT": "mariadb+pymysql"}, "MLFLOW_DB_DIALECT: the dialect mariadb is not known to MLflow; use mysql+pymysql"},
		"a bad driver":            {map[string]string{"HOST": "db", "DIALECT": "mysql+a+b"}, "MLFLOW_DB_DIALECT: its driver is not a name such as mysql+driver"},
		"an asynchronous driver":  {map[string]string{"HOST": "db", "DIALECT": "postgresql+asyncpg"}, "MLFLOW_DB_DIALECT: the driver asyncpg is for asyncio"},
		"a port in the host":      {map[string]string{"HOST": "db:5432"}, "MLFLOW_DB_HOST: ends with a port, which belongs into MLFLOW_DB_PORT"},
		"a port after brackets":   {map[string]string{"HOST": "[::1]:5432"}, "MLFLOW_DB_HOST: ends with a port, which belongs into MLFLOW_DB_PORT"},
		"a port that is none":     {map[string]string{"HOST": "db", "PORT": "0"}, `MLFLOW_DB_PORT: "0" is not a whole number from 1 to 65535`},
		"bytes that are no UTF-8": {map[string]string{"HOST": "db", "PASSWORD": "hunter2\xff"}, "MLFLOW_DB_PASSWORD: is not UTF-8"},
		"SQLite with a host":      {map[string]string{"HOST": "db", "DIALECT": "sqlite"}, "MLFLOW_DB_HOST: SQLite has no host"},
		"SQLite in memory":        {map[string]string{"DATABASE": ":memory:", "DIALECT": "sqlite"}, "MLFLOW_DB_DATABASE: names a SQLite database in memory"},
	} {
		t.Run(name, func(t *testing.T) {
			variables := map[string]string{}
			for part, value := range c.parts {
				variables["MLFLOW_DB_"+part] = value
			}
			if line := mustReject(t, variables); !strings.HasPrefix(line, c.want) || strings.Contains(line, "hunter2") {
				t.Errorf("got %s", line)
			}
		})
	}
}

func TestSQLiteFromParts(t *testing.T) {
	data := filepath.Join(t.TempDir(), "a b")
	for database, file := range map[string]string{"": data + "/mlflow.db", "other.db": data + "/other.db", "/srv/x.db": "/srv/x.db"} {
		b := mustLoad(t, Serve, map[string]string{"MLFLOW_DB_DIALECT": "sqlite", "MLFLOW_DB_DATABASE": database, "MLFLOW_DATA_DIR": data}).Backend
		if b.File != file || b.URI.Reveal() != "sqlite:///"+file || b.Source != "MLFLOW_DB_DIALECT" {
			t.Errorf("%q: got %+v at %s", database, b, b.URI.Reveal())
		}
	}
}

func TestASQLiteFileIsNotADirectory(t *testing.T) {
	for uri, want := range map[string]string{
		"sqlite:////" + "proc":            "MLFLOW_BACKEND_URI: the SQLite database /proc is a directory",
		"sqlite:///" + os.DevNull + "/x":  "MLFLOW_BACKEND_URI: " + os.DevNull + " is not a directory",
		"sqlite:///" + os.TempDir() + "/": "MLFLOW_BACKEND_URI: the SQLite database " + filepath.Clean(os.TempDir()) + " is a directory",
	} {
		if _, err := os.Stat("/proc"); err != nil && strings.Contains(uri, "proc") {
			continue // not Linux
		}
		if line := mustReject(t, map[string]string{"MLFLOW_BACKEND_URI": uri}); line != want {
			t.Errorf("%s: %s", uri, line)
		}
	}
}

package tracking_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/tracking"
)

const planted = "pl4nted!pass"

func TestADatabaseThatCannotBeHad(t *testing.T) {
	dir := t.TempDir()
	noDatabase := filepath.Join(dir, "text.db")
	if err := os.WriteFile(noDatabase, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	port := harness.FreePort(t)
	for _, tt := range []struct{ name, uri, kind, want string }{
		{"nothing listens", fmt.Sprintf("postgresql+psycopg://u:pl4nted%%21pass@127.0.0.1:%d/d", port), "database",
			fmt.Sprintf("cannot reach the database at 127.0.0.1:%d: connection refused (tried for 1 s)", port)},
		{"nothing listens, MySQL", fmt.Sprintf("mysql+pymysql://u:pl4nted%%21pass@127.0.0.1:%d/d", port), "database",
			fmt.Sprintf("cannot reach the database at 127.0.0.1:%d: connection refused (tried for 1 s)", port)},
		{"no such host", "postgresql+psycopg://u:pl4nted!pass@nowhere.invalid/d", "database",
			"cannot reach the database at nowhere.invalid:5432: the host name "},
		{"no such socket", "postgresql+psycopg://u:pl4nted!pass@/d?host=/nowhere", "database",
			"cannot reach the database at /nowhere: there is no such socket (tried for 1 s)"},
		{"an option that does not exist", "postgresql+psycopg://u:pl4nted!pass@127.0.0.1/d?optoin=pl4nted!pass", "database",
			`cannot use the database at 127.0.0.1:5432: the URI has an option that the driver does not know: invalid connection option "optoin"`},
		{"a parameter that does not exist, MySQL", "mysql+pymysql://u:pl4nted!pass@127.0.0.1/d?sslmode=require", "database",
			"cannot use the database at 127.0.0.1:3306: the driver does not take the URI's parameters: "},
		{"a SQLite URI with a host", "sqlite://host/m.db", "database", "the backend store's URI cannot be used: "},
		{"a driver that is not there", "postgresql+psycopg2://u:pl4nted!pass@127.0.0.1/d", "driver",
			"no driver for postgresql+psycopg2 in this runtime; it has postgresql+psycopg, mysql+pymysql and sqlite"},
		{"a dialect that does not exist", "nosql+pl://u:pl4nted!pass@127.0.0.1/d", "driver", "no driver for nosql+pl in this runtime"},
		{"no URI at all", "pl4nted!pass", "database", "the backend store's URI cannot be parsed"},
		{"a file that is no database", "sqlite:///" + noDatabase, "database",
			"cannot open the database at " + noDatabase + ": it is not a SQLite database"},
		{"a directory", "sqlite:///" + dir, "database", "cannot open the database at " + dir + ": it is a directory, or must not be opened or made"},
		{"a directory that cannot be made", "sqlite:////proc/nowhere/m.db", "database", "cannot make the directory of /proc/nowhere/m.db"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t)
			o.BackendURI, o.DatabaseWait = tt.uri, time.Second
			mustFail(t, o, tt.kind, tt.want)
		})
	}
}

func TestAPostgreSQLThatRefuses(t *testing.T) {
	d := harness.Postgres(t)
	wrong, missing, nobody := d, d, d
	wrong.Password, missing.Name, nobody.User = planted, "nowhere", "nobody"
	at := fmt.Sprintf("cannot use the database at %s:%d: ", d.Host, d.Port)
	for _, tt := range []struct {
		name     string
		database harness.Database
		query    string
		want     string
	}{
		{"the password is wrong", wrong, "", at + "the user name or the password is wrong"},
		{"the user is unknown", nobody, "", at + "the user name or the password is wrong"},
		{"the database is unknown", missing, "", at + "it has no database 'nowhere'"},
		{"it has no TLS", d, "?sslmode=require", at + "it has no TLS, but the URI's sslmode wants it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t)
			o.BackendURI = tt.database.URL("postgresql+psycopg") + tt.query
			if log := mustFail(t, o, "database", tt.want); strings.Contains(log, "waiting for the database") {
				t.Error("it was tried again")
			}
		})
	}
}

func TestAMariaDBThatRefuses(t *testing.T) {
	d := harness.MySQL(t)
	wrong, missing := d, d
	wrong.Password, missing.Name = planted, "nowhere"
	at := fmt.Sprintf("cannot use the database at %s:%d: ", d.Host, d.Port)
	for _, tt := range []struct {
		name     string
		database harness.Database
		want     string
	}{
		{"the password is wrong", wrong, at + "the user name or the password is wrong"},
		{"the database is unknown", missing, at},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t)
			o.BackendURI = tt.database.URL("mysql+pymysql")
			mustFail(t, o, "database", tt.want)
		})
	}
}

func TestASchemaThatIsNewerIsRefusedAndNotTouched(t *testing.T) {
	o := options(t)
	file := filepath.Join(o.Directory, "mlflow.db")
	python(t, o.Runtime, `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
connection.execute("INSERT INTO alembic_version VALUES ('f00dfeedf00d')")
connection.commit()
`, file)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mustFail(t, o, "schema", "the schema of the database at "+file+" (revision f00dfeedf00d) is newer than MLflow "+o.Runtime.MLflowVersion)
	after, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(before) != sha256.Sum256(after) {
		t.Error("the file has changed")
	}
}

// mustFail runs a server that has to end with a message, before it is ready, and without the planted password. It returns the log.
func mustFail(t *testing.T, o tracking.Options, kind, want string) (log string) {
	t.Helper()
	r := run(t, o)
	err := r.result(t)
	var fatal *tracking.FatalError
	if !errors.As(err, &fatal) || fatal.Kind != kind || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the server ended with %q, want kind %s: %s", err, kind, want)
	}
	for _, text := range []string{fmt.Sprint(err), r.log.String(), fmt.Sprint(r.Status())} {
		for _, secret := range []string{planted, "pl4nted%21pass"} {
			if strings.Contains(text, secret) {
				t.Errorf("the password is in %q", text)
			}
		}
	}
	return r.log.String()
}

package upgrade

import (
	"embed"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"mlflow-server/e2e/harness"
)

// OldRevision is the schema of MLflow 2.9.2.
const OldRevision = "acf3f17fdcc7"

const contentsSource = `
import json, sys, sqlalchemy
engine = sqlalchemy.create_engine(sys.argv[1])
@sqlalchemy.event.listens_for(engine, "do_connect")
def utf8(dialect, record, arguments, parameters):
    if dialect.driver == "pymysql":  # which sends characters as Latin-1, and bytes as they are
        parameters["password"] = parameters["password"].encode()
wanted = json.loads(sys.argv[2])
out = {}
with engine.connect() as connection:
    inspector = sqlalchemy.inspect(connection)
    for table in wanted or [t for t in inspector.get_table_names() if t != "alembic_version"]:
        columns = wanted[table]["columns"] if wanted else [c["name"] for c in inspector.get_columns(table)]
        quoted = ", ".join(connection.dialect.identifier_preparer.quote(c) for c in columns)
        rows = connection.execute(sqlalchemy.text(f"SELECT {quoted} FROM {table}")).all()
        out[table] = {"columns": columns, "rows": sorted([str(v) for v in row] for row in rows)}
print(json.dumps(out, ensure_ascii=False))
`

// Table is what one holds.
type Table struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Contents reads the columns of all tables that a database has, or those that are given, with their rows in order.
func Contents(t *testing.T, uri string, only map[string]Table) map[string]Table {
	t.Helper()
	wanted, err := json.Marshal(only)
	if err != nil {
		t.Fatal(err)
	}
	printed, err := harness.PythonSource(t, harness.Client{}, contentsSource, uri, string(wanted))
	if err != nil {
		t.Fatalf("reading the database: %v\n%s", err, printed)
	}
	var found map[string]Table
	if err := json.Unmarshal([]byte(printed), &found); err != nil {
		t.Fatalf("%v in %s", err, printed)
	}
	return found
}

// OldSQLite makes a database as MLflow 2.9.2 left it, in a directory of its own.
func OldSQLite(t *testing.T) (dir, uri string) {
	t.Helper()
	dir = t.TempDir()
	file, source := filepath.Join(dir, "mlflow.db"), filepath.Join(t.TempDir(), "old.sql")
	if err := os.WriteFile(source, []byte(text(t, "sqlite")), 0o600); err != nil {
		t.Fatal(err)
	}
	printed, err := harness.PythonSource(t, harness.Client{}, `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.executescript(open(sys.argv[2], encoding="utf-8").read())
connection.close()
`, file, source)
	if err != nil {
		t.Fatalf("making the old database: %v\n%s", err, printed)
	}
	return dir, "sqlite:///" + file
}

// OldPostgres does the same on PostgreSQL.
func OldPostgres(t *testing.T) harness.Database {
	t.Helper()
	d := harness.Postgres(t)
	FillPostgres(t, d)
	return d
}

// FillPostgres makes the old tables in an empty database, whose user then owns them, and leaves no connection.
func FillPostgres(t *testing.T, d harness.Database) {
	t.Helper()
	db := harness.OpenPostgres(t, d)
	if _, err := db.ExecContext(t.Context(), text(t, "postgresql")); err != nil {
		t.Fatalf("making the old database: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// OldMariaDB does the same on MariaDB.
func OldMariaDB(t *testing.T) harness.Database {
	t.Helper()
	d := harness.MySQL(t)
	if _, err := harness.QueryMySQL(t.Context(), d, "USE `"+d.Name+"`; "+text(t, "mariadb")); err != nil {
		t.Fatalf("making the old database: %v", err)
	}
	return d
}

//go:embed testdata/*.sql
var testdata embed.FS

func text(t *testing.T, dialect string) string {
	t.Helper()
	text, err := testdata.ReadFile("testdata/mlflow-2.9.2." + dialect + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

package migrations

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"mlflow-server/e2e/harness"
)

// oldRevision is the schema of MLflow 2.9.2.
const oldRevision = "acf3f17fdcc7"

// contents reads the columns of all tables that a database has, or those that are given, with their rows in order.
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

type table struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

func contents(t *testing.T, uri string, only map[string]table) map[string]table {
	t.Helper()
	wanted, err := json.Marshal(only)
	if err != nil {
		t.Fatal(err)
	}
	printed, err := harness.PythonSource(t, harness.Client{}, contentsSource, uri, string(wanted))
	if err != nil {
		t.Fatalf("reading the database: %v\n%s", err, printed)
	}
	var found map[string]table
	if err := json.Unmarshal([]byte(printed), &found); err != nil {
		t.Fatalf("%v in %s", err, printed)
	}
	return found
}

// oldSQLite makes a database as MLflow 2.9.2 left it, in a directory of its own.
func oldSQLite(t *testing.T) (dir, uri string) {
	t.Helper()
	dir = t.TempDir()
	file := filepath.Join(dir, "mlflow.db")
	printed, err := harness.PythonSource(t, harness.Client{}, `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.executescript(open(sys.argv[2], encoding="utf-8").read())
connection.close()
`, file, testdata(t, "mlflow-2.9.2.sqlite.sql"))
	if err != nil {
		t.Fatalf("making the old database: %v\n%s", err, printed)
	}
	return dir, "sqlite:///" + file
}

// oldPostgres does the same on PostgreSQL.
func oldPostgres(t *testing.T) harness.Database {
	t.Helper()
	d := harness.Postgres(t)
	text, err := os.ReadFile(testdata(t, "mlflow-2.9.2.postgresql.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := harness.OpenPostgres(t, d).ExecContext(t.Context(), string(text)); err != nil {
		t.Fatalf("making the old database: %v", err)
	}
	return d
}

// oldMariaDB does the same on MariaDB.
func oldMariaDB(t *testing.T) harness.Database {
	t.Helper()
	d := harness.MySQL(t)
	text, err := os.ReadFile(testdata(t, "mlflow-2.9.2.mariadb.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := harness.QueryMySQL(t.Context(), d, "USE `"+d.Name+"`; "+string(text)); err != nil {
		t.Fatalf("making the old database: %v", err)
	}
	return d
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

package migrations

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

// foreign has statements that make another program's tables, and whether MLflow can live beside them.
var foreign = map[string]struct {
	statements []string
	named      string // in the refusal; "" for none
}{
	"tables of names that MLflow uses": {
		[]string{"CREATE TABLE customers (id INTEGER)", "CREATE TABLE runs (id INTEGER, kilometres INTEGER)", "CREATE TABLE jobs (id INTEGER)"}, "(jobs, runs)"},
	"other tables": {[]string{"CREATE TABLE customers (id INTEGER)"}, ""},
}

// People do share databases. What is made beside tables that stand in the way would stay there half done.
func TestTablesOfAnotherProgramAreLeftAlone(t *testing.T) {
	t.Parallel()
	for name, tables := range foreign {
		t.Run("SQLite, "+name, func(t *testing.T) {
			dir := t.TempDir()
			uri := "sqlite:///" + filepath.Join(dir, "mlflow.db")
			for _, statement := range tables.statements {
				inSQLite(t, uri, statement)
			}
			besideOthers(t, harness.Options{Dir: dir}, uri, tables.named)
		})
		t.Run("PostgreSQL, "+name, func(t *testing.T) {
			d := harness.Postgres(t)
			for _, statement := range tables.statements {
				if _, err := harness.OpenPostgres(t, d).ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			uri := d.URL("postgresql+psycopg")
			besideOthers(t, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": uri}}, uri, tables.named)
		})
	}
}

// A database of MLflow's whose revision was lost would be made anew around what it has.
func TestADatabaseThatHasLostItsRevisionIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir, uri := upgrade.OldSQLite(t)
	inSQLite(t, uri, "DELETE FROM alembic_version")
	besideOthers(t, harness.Options{Dir: dir}, uri, " …)")
}

func besideOthers(t *testing.T, o harness.Options, uri, named string) {
	t.Helper()
	before := upgrade.Contents(t, uri, nil)
	o.Args = []string{"migrate"}
	r := harness.RunToExit(t, o)
	after := upgrade.Contents(t, uri, nil)
	if named == "" {
		if r.Code != 0 || len(after) <= len(before) {
			t.Errorf("exit code %d, tables %v:\n%s", r.Code, slices.Sorted(maps.Keys(after)), r.Stderr)
		}
		return
	}
	if r.Code != 1 || !strings.Contains(r.Stderr, "has no revision of MLflow's schema") || !strings.Contains(r.Stderr, named) {
		t.Errorf("exit code %d:\n%s", r.Code, r.Stderr)
	}
	if is, was := slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)); !slices.Equal(is, was) {
		t.Errorf("there were the tables %v, now %v", was, is)
	}
}

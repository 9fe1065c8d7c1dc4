package database

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSQLiteGivesAFileOfItsOwnEachTime(t *testing.T) {
	s := SQLite("/somewhere")
	one, err1 := s.New(t.Context())
	two, err2 := s.New(t.Context())
	if err1 != nil || err2 != nil || one == two || !strings.HasPrefix(one, "sqlite:////somewhere/") {
		t.Errorf("%s %v, %s %v", one, err1, two, err2)
	}
}

func TestPostgreSQLGivesAnEmptyDatabaseEachTime(t *testing.T) {
	if _, err := programs(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "mlflow-bench-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL, which does not run as root, passes through
		t.Fatal(err)
	}
	s, err := Postgres(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "postgres", "data", "postmaster.pid")); err == nil {
			t.Error("it did not stop cleanly")
		}
	}()
	if !strings.HasPrefix(s.Name(), "PostgreSQL 1") {
		t.Error(s.Name())
	}
	seen := map[string]bool{}
	for range 2 {
		uri, err := s.New(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if seen[uri] || !strings.HasPrefix(uri, "postgresql+psycopg://") {
			t.Error("the address is not a new one, or without a driver")
		}
		seen[uri] = true
		db, err := sql.Open("postgres", strings.Replace(uri, "postgresql+psycopg", "postgres", 1)+"?sslmode=disable")
		if err != nil {
			t.Fatal(err)
		}
		var tables int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'").Scan(&tables); err != nil || tables != 0 {
			t.Errorf("%d tables, %v", tables, err)
		}
		_ = db.Close()
	}
}

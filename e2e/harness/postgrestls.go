package harness

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

// TLSPostgres is a PostgreSQL of a test's own that takes connections over TLS alone, as Aurora does.
type TLSPostgres struct {
	// Database is an empty database on it.
	Database

	dir string
	db  *sql.DB
}

// StartTLSPostgres starts one that shows a certificate of the authority for a host name.
func StartTLSPostgres(t testing.TB, a *Authority, host string) *TLSPostgres {
	t.Helper()
	server, err := newPostgres("off")
	if err != nil {
		t.Fatal(err)
	}
	p := &TLSPostgres{Database: server.maintenance}
	p.db = OpenPostgres(t, server.maintenance)
	if err := p.db.QueryRowContext(t.Context(), "SHOW data_directory").Scan(&p.dir); err != nil {
		t.Fatal(err)
	}
	p.Name = databaseName(t)
	p.Do(t, `CREATE DATABASE "`+p.Name+`" ENCODING 'UTF8' TEMPLATE template0`)
	p.Show(t, a, host)
	p.Do(t, "ALTER SYSTEM SET ssl = on")
	// This test comes without TLS as well, in its own name; everybody else needs it.
	p.place(t, "pg_hba.conf", []byte("host postgres all 127.0.0.1/32 scram-sha-256\nhostssl all all 127.0.0.1/32 scram-sha-256\n"))
	p.Do(t, "SELECT pg_reload_conf()")
	return p
}

// Show has the server show another certificate to new connections, and ends those that there are.
func (p *TLSPostgres) Show(t testing.TB, a *Authority, host string) {
	t.Helper()
	chain, key := a.Issue(t, host)
	p.place(t, "server.crt", chain)
	p.place(t, "server.key", key)
	p.Do(t, "SELECT pg_reload_conf()")
	p.Do(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname NOT IN ('postgres', 'template1')")
}

// Do runs a statement as the server's owner.
func (p *TLSPostgres) Do(t testing.TB, statement string) {
	t.Helper()
	if _, err := p.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Sessions counts the connections to the database: all of them, those over TLS, and those of pgx, which gives a name.
func (p *TLSPostgres) Sessions(t testing.TB) (all, encrypted, native int) {
	t.Helper()
	query := `SELECT count(*), count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE application_name = 'mlflow-server')
		FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE datname = $1`
	if err := p.db.QueryRowContext(t.Context(), query, p.Name).Scan(&all, &encrypted, &native); err != nil {
		t.Fatal(err)
	}
	return all, encrypted, native
}

// place writes a file that belongs to the server, and that nobody else may read, into its directory.
func (p *TLSPostgres) place(t testing.TB, name string, text []byte) {
	t.Helper()
	file := filepath.Join(p.dir, name)
	credential, err := servant("postgres")
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err == nil && credential != nil {
		err = os.Chown(file, int(credential.Uid), int(credential.Gid))
	}
	if err != nil {
		t.Fatal(err)
	}
}

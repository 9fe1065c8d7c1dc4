package harness

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
	_ "github.com/lib/pq" // database/sql's driver for PostgreSQL
)

// Postgres returns an empty database on a real PostgreSQL: the distribution's if it is installed, else embedded-postgres', whose
// archive is fetched into the user's cache once. The server is started once for each test process.
func Postgres(t testing.TB) Database {
	t.Helper()
	d, err := postgres()
	if err != nil {
		t.Fatal(err)
	}
	maintenance := d
	maintenance.Name = "postgres"
	d.Name = databaseName(t)
	db := OpenPostgres(t, maintenance)
	if _, err := db.ExecContext(t.Context(), `CREATE DATABASE "`+d.Name+`" ENCODING 'UTF8' TEMPLATE template0`); err != nil {
		t.Fatalf("creating a database: %v", err)
	}
	return d
}

// OpenPostgres connects to a database, to look at what the server has stored.
func OpenPostgres(t testing.TB, d Database) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", d.URL("postgresql")+"?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// RestartablePostgres returns an empty database on a server of the test's own, which keeps what it has committed when it
// dies, and a function that kills the server as a crash does and starts it again.
func RestartablePostgres(t testing.TB) (d Database, restart func(testing.TB)) {
	t.Helper()
	p, err := newPostgres("on")
	if err != nil {
		t.Fatal(err)
	}
	d = p.maintenance
	return d, func(t testing.TB) {
		t.Helper()
		// SIGQUIT is the immediate shutdown: every session ends at once and the next start recovers from the log.
		if err := p.running.command.Process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		<-p.running.done
		if err := p.start(); err != nil {
			t.Fatal(err)
		}
	}
}

var postgres = sync.OnceValues(func() (Database, error) {
	p, err := newPostgres("off")
	if err != nil {
		return Database{}, err
	}
	return p.maintenance, nil
})

// postgresServer is a PostgreSQL and the database in it that is always there.
type postgresServer struct {
	maintenance Database
	start       func() error
	running     *server
}

// newPostgres makes a server and starts it. With commit "off" an answer does not wait for the log.
func newPostgres(commit string) (*postgresServer, error) {
	dir, err := scratch("mlflow-server-e2e-pg-")
	if err != nil {
		return nil, err
	}
	bin, err := postgresPrograms(dir)
	if err != nil {
		return nil, err
	}
	credential, err := servant("postgres")
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dir, "home")
	if err := owned(home, credential); err != nil {
		return nil, err
	}
	data, password := filepath.Join(home, "data"), filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(databasePassword+"\n"), 0o644); err != nil { // a test password
		return nil, err
	}
	err = runAs(credential, home, filepath.Join(bin, "initdb"), "--pgdata", data, "--username", databaseUser, "--pwfile", password,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	d := Database{Dialect: "postgresql", Host: "127.0.0.1", Port: port, User: databaseUser, Password: databasePassword, Name: "postgres"}
	p := &postgresServer{maintenance: d}
	p.start = func() (err error) {
		// SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
		p.running, err = serveAs(credential, home, syscall.SIGINT, filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port),
			"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+home,
			"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit="+commit)
		if err != nil {
			return err
		}
		return p.running.wait(func() error { return pingPostgres(d) })
	}
	return p, p.start()
}

func pingPostgres(d Database) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	db, err := sql.Open("postgres", d.URL("postgresql")+"?sslmode=disable")
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

// postgresPrograms returns the directory of initdb and postgres.
func postgresPrograms(dir string) (string, error) {
	candidates, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		candidates = append(candidates, strings.TrimSpace(string(out)))
	}
	for i := len(candidates) - 1; i >= 0; i-- {
		if complete(candidates[i]) {
			return candidates[i], nil
		}
	}
	return embeddedPrograms(dir)
}

func complete(bin string) bool {
	for _, program := range []string{"initdb", "postgres"} {
		if _, err := os.Stat(filepath.Join(bin, program)); err != nil {
			return false
		}
	}
	return true
}

// embeddedPrograms has embedded-postgres fetch and unpack its programs. As root it cannot start them, so that what Start returns
// says nothing: the programs are there or not.
func embeddedPrograms(dir string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	unpacked := filepath.Join(dir, "embedded")
	var log output
	e := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().Port(uint32(port)).BinariesPath(unpacked).Logger(&log).
		RuntimePath(filepath.Join(dir, "unpacking")).CachePath(filepath.Join(cache, "mlflow-server-e2e")))
	err = e.Start()
	if err == nil {
		err = e.Stop()
	}
	bin := filepath.Join(unpacked, "bin")
	if complete(bin) {
		return bin, openToAll(unpacked)
	}
	return "", errors.Join(errors.New("PostgreSQL is not installed and embedded-postgres could not be unpacked"), err)
}

// openToAll lets every user run what was unpacked as root.
func openToAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Type()&os.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if entry.IsDir() || mode&0o100 != 0 {
			mode |= 0o111
		}
		if err := os.Chmod(path, mode); err != nil {
			return fmt.Errorf("opening %s: %w", path, err)
		}
		return nil
	})
}

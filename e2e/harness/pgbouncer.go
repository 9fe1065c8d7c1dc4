package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// PgBouncer returns the same database as it is reached through a real PgBouncer in transaction mode, with two connections
// for all its clients: statements that follow each other meet different ones. It runs until the test ends. More are further
// lines of its settings.
func PgBouncer(t testing.TB, d Database, more ...string) Database {
	t.Helper()
	program := Require(t, "pgbouncer", "/usr/sbin/pgbouncer")
	dir, err := scratch("mlflow-server-e2e-bouncer-")
	if err != nil {
		t.Fatal(err)
	}
	credential, err := servant("postgres")
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "home")
	if err := owned(home, credential); err != nil {
		t.Fatal(err)
	}
	through := d
	through.Host, through.Port = "127.0.0.1", FreePort(t)
	settings := fmt.Sprintf(`[databases]
* = host=%s port=%d user='%s' password='%s'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = extra_float_digits
%s
`, d.Host, d.Port, d.User, strings.ReplaceAll(d.Password, "'", "''"), through.Port, strings.Join(more, "\n"))
	file := filepath.Join(home, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	if credential != nil {
		if err := os.Chown(file, int(credential.Uid), int(credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := serveAs(credential, home, syscall.SIGINT, program, "-q", file)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.wait(func() error { return pingPostgres(through) }); err != nil {
		t.Fatal(err)
	}
	return through
}

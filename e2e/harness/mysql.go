package harness

import (
	"context"
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
)

// MySQL returns an empty database on a real MariaDB, which is started once for each test process. Without one the test is skipped,
// or fails where CI is "true".
func MySQL(t testing.TB) Database {
	t.Helper()
	d, err := mysql()
	if errors.Is(err, exec.ErrNotFound) {
		Missing(t, "MariaDB's server is not installed: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.Name = databaseName(t)
	if _, err := QueryMySQL(t.Context(), d, "CREATE DATABASE `"+d.Name+"`"); err != nil {
		t.Fatalf("creating a database: %v", err)
	}
	return d
}

// QueryMySQL runs a statement with the command line client and returns the rows that it printed.
func QueryMySQL(ctx context.Context, d Database, statement string) (string, error) {
	program, err := exec.LookPath("mariadb")
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, program, "--no-defaults", "--batch", "--skip-column-names", "--connect-timeout=60", "--protocol=tcp",
		"--host="+d.Host, "--port="+strconv.Itoa(d.Port), "--user="+d.User, "--execute="+statement)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "MYSQL_PWD=" + d.Password}
	out, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("mariadb: %w: %s", err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// TLSMySQL returns an empty database on a MariaDB of the test's own that shows a certificate of the authority, and whose user
// has to show one as well: the two files hold it and its key.
func TLSMySQL(t testing.TB, a *Authority) (d Database, certificate, key string) {
	t.Helper()
	Require(t, "mariadbd", "/usr/sbin/mariadbd")
	dir, err := scratch("mlflow-server-e2e-my-tls-")
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o644); err != nil { // the server runs as somebody else
			t.Fatal(err)
		}
		return path
	}
	authority, err := os.ReadFile(a.File)
	if err != nil {
		t.Fatal(err)
	}
	shown, private := a.Issue(t, "localhost")
	administrator, err := newMySQL("--ssl-ca="+file("ca.pem", authority), "--ssl-cert="+file("server.pem", shown), "--ssl-key="+file("server.key", private))
	if err != nil {
		t.Fatal(err)
	}
	d = administrator
	d.Name, d.User = databaseName(t), "certified"
	for _, statement := range []string{
		"CREATE DATABASE `" + d.Name + "`",
		"CREATE USER '" + d.User + "'@'%' IDENTIFIED BY '" + d.Password + "' REQUIRE X509",
		"GRANT ALL ON `" + d.Name + "`.* TO '" + d.User + "'@'%'",
	} {
		if _, err := QueryMySQL(t.Context(), administrator, statement); err != nil {
			t.Fatal(err)
		}
	}
	shown, private = a.Issue(t, "a client")
	return d, file("client.pem", shown), file("client.key", private)
}

var mysql = sync.OnceValues(func() (Database, error) { return newMySQL() })

// newMySQL starts a server with more options; its user may do everything.
func newMySQL(more ...string) (Database, error) {
	programs := map[string]string{}
	for _, name := range []string{"mariadbd", "mariadb-install-db", "mariadb"} {
		path, err := exec.LookPath(name)
		if err != nil {
			// The server is in sbin, which is not on everybody's path.
			path, err = exec.LookPath("/usr/sbin/" + name)
		}
		if err != nil {
			return Database{}, fmt.Errorf("%s: %w", name, exec.ErrNotFound)
		}
		programs[name] = path
	}
	dir, err := scratch("mlflow-server-e2e-my-")
	if err != nil {
		return Database{}, err
	}
	credential, err := servant("mysql")
	if err != nil {
		return Database{}, err
	}
	home := filepath.Join(dir, "home")
	if err := owned(home, credential); err != nil {
		return Database{}, err
	}
	data, first := filepath.Join(home, "data"), filepath.Join(dir, "first.sql")
	err = runAs(credential, home, programs["mariadb-install-db"], "--no-defaults", "--datadir="+data,
		"--auth-root-authentication-method=normal", "--skip-test-db")
	if err != nil {
		return Database{}, err
	}
	account := fmt.Sprintf("'%s'@'%%'", databaseUser)
	statements := fmt.Sprintf("CREATE USER %s IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO %s WITH GRANT OPTION;\n", account, databasePassword, account)
	if err := os.WriteFile(first, []byte(statements), 0o644); err != nil { // a test password
		return Database{}, err
	}
	port, err := freePort()
	if err != nil {
		return Database{}, err
	}
	s, err := serveAs(credential, home, syscall.SIGTERM, programs["mariadbd"], append([]string{"--no-defaults", "--datadir=" + data, "--init-file=" + first,
		"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(port), "--skip-networking=0", "--socket=" + filepath.Join(home, "s"),
		"--pid-file=" + filepath.Join(home, "pid"), "--skip-name-resolve", "--character-set-server=utf8mb4",
		"--innodb-flush-log-at-trx-commit=0", "--skip-log-bin"}, more...)...)
	if err != nil {
		return Database{}, err
	}
	d := Database{Dialect: "mysql+pymysql", Host: "127.0.0.1", Port: port, User: databaseUser, Password: databasePassword}
	return d, s.wait(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_, err := QueryMySQL(ctx, d, "SELECT 1")
		return err
	})
}

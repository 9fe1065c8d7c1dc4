package harness

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// The login of the test databases: each of these characters means something in a URI.
const (
	databaseUser     = "ml flow@e2e"
	databasePassword = `p@ss:w/ö#d?1%2F&=`
)

// Database is an empty database on a server of the test process.
type Database struct {
	Dialect              string // as in MLFLOW_DB_DIALECT
	Host                 string
	Port                 int
	User, Password, Name string
}

// URL is the database's address with everything escaped; scheme "" means the dialect.
func (d Database) URL(scheme string) string {
	if scheme == "" {
		scheme = d.Dialect
	}
	u := url.URL{Scheme: scheme, User: url.UserPassword(d.User, d.Password), Host: fmt.Sprintf("%s:%d", d.Host, d.Port), Path: "/" + d.Name}
	return u.String()
}

// Environment is the MLFLOW_DB_* group that names the database, and what else is given.
func (d Database) Environment(more map[string]string) map[string]string {
	vars := map[string]string{
		"MLFLOW_DB_DIALECT":  d.Dialect,
		"MLFLOW_DB_USERNAME": d.User,
		"MLFLOW_DB_PASSWORD": d.Password,
		"MLFLOW_DB_HOST":     d.Host,
		"MLFLOW_DB_PORT":     strconv.Itoa(d.Port),
		"MLFLOW_DB_DATABASE": d.Name,
	}
	maps.Copy(vars, more)
	return vars
}

// servant is whom a database server runs as: both PostgreSQL and MariaDB refuse root. nil, when the tests do not run as root, is the
// current user.
func servant(preferred string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{preferred, "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(found.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(found.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("neither the user %s nor nobody exists, and a database server does not run as root", preferred)
}

// owned makes a directory that belongs to whom a database server runs as.
func owned(dir string, credential *syscall.Credential) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if credential == nil {
		return nil
	}
	return os.Chown(dir, int(credential.Uid), int(credential.Gid))
}

// runAs runs a program to its end and returns its output with the error, if there is one.
func runAs(credential *syscall.Credential, dir string, program string, args ...string) error {
	command := exec.Command(program, args...)
	command.Dir = dir
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + dir}
	command.SysProcAttr = ownSession(credential)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, Tail(string(out), 30))
	}
	return nil
}

// server is a database server of the test process.
type server struct {
	command *exec.Cmd
	log     output
	done    chan struct{}
}

// serveAs starts a database server and arranges for its end with the test process.
func serveAs(credential *syscall.Credential, dir string, stop syscall.Signal, program string, args ...string) (*server, error) {
	s := &server{command: exec.Command(program, args...), done: make(chan struct{})}
	s.command.Dir = dir
	s.command.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + dir}
	s.command.SysProcAttr = ownSession(credential)
	s.command.Stdout, s.command.Stderr = &s.log, &s.log
	s.command.WaitDelay = 10 * time.Second
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	go func() { _ = s.command.Wait(); close(s.done) }()
	shared.add(func() error {
		_ = s.command.Process.Signal(stop)
		select {
		case <-s.done:
		case <-time.After(30 * time.Second):
			_ = s.command.Process.Kill()
			<-s.done
		}
		return nil
	})
	return s, nil
}

// wait calls ready until it succeeds, for at most three minutes.
func (s *server) wait(ready func() error) error {
	deadline := time.Now().Add(3 * time.Minute)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-s.done:
			return fmt.Errorf("%s has ended: %w\n%s", s.command.Path, err, Tail(s.log.String(), 30))
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not answer: %w\n%s", s.command.Path, err, Tail(s.log.String(), 30))
		}
	}
}

// databaseName is a fresh name that needs quoting.
func databaseName(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("e2e-%d_%d", os.Getpid(), time.Now().UnixNano())
}

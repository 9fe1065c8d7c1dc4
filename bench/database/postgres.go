package database

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/lib/pq" // database/sql's driver for PostgreSQL

	"mlflow-server/bench/process"
)

const login = "bench"

type postgres struct {
	version        string
	port           int
	password       string
	running        *process.Running
	administration *sql.DB
	made           int
}

// Postgres starts the PostgreSQL of this machine, with its data in dir and durability off: what is measured is MLflow, not
// the disk. It listens on the loopback port only. dir must be open to every user to pass through, since PostgreSQL refuses to
// run as root.
func Postgres(ctx context.Context, dir string) (Store, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	credential, err := servant()
	if err != nil {
		return nil, err
	}
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dir, "postgres")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, fmt.Errorf("making a directory for PostgreSQL: %w", err)
	}
	p := &postgres{port: port, password: rand.Text()}
	password := filepath.Join(home, "password")
	if err := os.WriteFile(password, []byte(p.password+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("writing PostgreSQL's password: %w", err)
	}
	if credential != nil {
		for _, path := range []string{home, password} {
			if err := os.Chown(path, int(credential.Uid), int(credential.Gid)); err != nil {
				return nil, fmt.Errorf("handing over PostgreSQL's directory: %w", err)
			}
		}
	}
	environ := []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + home}
	data := filepath.Join(home, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata", data, "--username", login, "--pwfile", password,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	initdb.Dir, initdb.Env, initdb.SysProcAttr = home, environ, &syscall.SysProcAttr{Credential: credential}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("making a PostgreSQL cluster: %w\n%s", err, out)
	}
	p.running, err = process.Start(process.Command{
		Program: filepath.Join(bin, "postgres"),
		Args: []string{"-D", data, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
			"-c", "max_connections=200", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"},
		Env: environ, Dir: home, Log: filepath.Join(dir, "postgres.log"), Credential: credential,
		Stop: syscall.SIGINT, // its fast shutdown, which does not wait for clients
	})
	if err != nil {
		return nil, err
	}
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *postgres) open(ctx context.Context) (err error) {
	p.administration, err = sql.Open("postgres", p.uri("postgres", "postgres")+"?sslmode=disable&connect_timeout=5")
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(time.Minute); ; {
		err := p.administration.QueryRowContext(ctx, "SHOW server_version").Scan(&p.version)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, p.running.Tail(20))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.running.Done():
			return p.running.Ended()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// uri needs no escaping: the password is letters and digits.
func (p *postgres) uri(scheme, database string) string {
	return fmt.Sprintf("%s://%s:%s@127.0.0.1:%d/%s", scheme, login, p.password, p.port, database)
}

func (p *postgres) Name() string {
	version, _, _ := strings.Cut(p.version, " ")
	return "PostgreSQL " + version + " on the same machine, fsync off"
}

func (p *postgres) New(ctx context.Context) (string, error) {
	p.made++
	name := "mlflow" + strconv.Itoa(p.made)
	if _, err := p.administration.ExecContext(ctx, "CREATE DATABASE "+name+" ENCODING 'UTF8' TEMPLATE template0"); err != nil {
		return "", fmt.Errorf("creating a database: %w", err)
	}
	return p.uri("postgresql+psycopg", name), nil
}

func (p *postgres) Close() error {
	if p.administration != nil {
		_ = p.administration.Close()
	}
	return p.running.Stop()
}

// programs is the directory of the newest PostgreSQL that a distribution has installed.
func programs() (string, error) {
	candidates, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		candidates = append(candidates, strings.TrimSpace(string(out)))
	}
	for i := len(candidates) - 1; i >= 0; i-- {
		if _, err := os.Stat(filepath.Join(candidates[i], "initdb")); err == nil {
			return candidates[i], nil
		}
	}
	return "", errors.New("PostgreSQL is not installed (on Debian: apt-get install postgresql); -database sqlite does without")
}

// servant is whom PostgreSQL runs as when this is root; nil is the current user.
func servant() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(found.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(found.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("looking up the user %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("neither the user postgres nor nobody exists, and PostgreSQL does not run as root")
}

package gate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mlflow-server/bench/front"
	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
)

const (
	user             = "ann"
	password         = "correct horse battery staple"
	passwordVariable = "BENCH_GATE_PASSWORD"
)

// subject is one server in front of the upstream.
type subject struct {
	name    string
	load    load.Server
	running *process.Running
	// expected is the least that our rate is to be of this one's; 0 for nothing.
	expected float64
}

// slow is the least expected advantage over a server that does a slow hash for every request.
const slow = 50

// patience is how many windows a subject is measured for: one that answers in tenths of a second needs more.
func (s subject) patience() time.Duration {
	if s.expected > slow {
		return 4
	}
	return 1
}

// bench starts servers in a directory of its own.
type bench struct {
	dir      string
	upstream string
	profile  bool // of our own gate, into dir
	all      []*process.Running
}

// null starts the upstream.
func (b *bench) null(ctx context.Context) error {
	f, err := front.Null(front.Options{Dir: b.dir, Name: "upstream"})
	if err != nil {
		return err
	}
	b.all, b.upstream = append(b.all, f.Running), f.Address
	return b.subjectOf("upstream", f, 0).ready(ctx)
}

func (b *bench) subjectOf(name string, f *front.Front, expected float64) subject {
	return subject{name: name, load: f.Load(user, password), running: f.Running, expected: expected}
}

// nginx starts one with a file of one user, or without a login.
func (b *bench) nginx(name, hash string, expected float64) (subject, error) {
	return b.behind(name, hash, expected, front.Nginx)
}

// caddy starts Caddy, which remembers the hashes that it has checked.
func (b *bench) caddy(program, hash string) (subject, error) {
	return b.behind("Caddy, bcrypt 10, remembered", hash, 0, func(o front.Options) (*front.Front, error) { return front.Caddy(program, o) })
}

func (b *bench) behind(name, hash string, expected float64, start func(front.Options) (*front.Front, error)) (subject, error) {
	o := front.Options{Dir: b.dir, Name: name, Upstreams: []string{b.upstream}}
	if hash != "" {
		o.Users = filepath.Join(b.dir, strings.ReplaceAll(name, " ", "-")+".users")
		if err := os.WriteFile(o.Users, []byte(user+":"+hash+"\n"), 0o600); err != nil {
			return subject{}, err
		}
	}
	f, err := start(o)
	if err != nil {
		return subject{}, err
	}
	b.all = append(b.all, f.Running)
	return b.subjectOf(name, f, expected), nil
}

// ours starts the product's gate, as this program run again.
func (b *bench) ours(name, secret string) (subject, error) {
	port, err := process.FreePort()
	if err != nil {
		return subject{}, err
	}
	at := fmt.Sprintf("127.0.0.1:%d", port)
	self, err := os.Executable()
	if err != nil {
		return subject{}, err
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir, passwordVariable + "=" + secret}
	if b.profile {
		env = append(env, profileVariable+"="+b.dir)
	}
	r, err := process.Start(process.Command{
		Program: self, Args: []string{"gate-server", at, b.upstream}, Dir: b.dir, Log: filepath.Join(b.dir, strings.ReplaceAll(name, " ", "-")+".log"), Env: env,
	})
	if err != nil {
		return subject{}, err
	}
	b.all = append(b.all, r)
	return subject{name: name, load: load.Server{Addresses: []string{at}, Host: "127.0.0.1", User: user, Password: password}, running: r}, nil
}

// ready waits until a subject answers.
func (s subject) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		_, err := load.Do(ctx, s.load, load.Request{Method: "GET", Path: path})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%s does not answer: %w", s.name, err), context.Cause(ctx))
		case <-s.running.Done():
			return s.running.Ended()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

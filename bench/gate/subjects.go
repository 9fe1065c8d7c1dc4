package gate

import (
	"context"
	"crypto/md5"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
)

const (
	user             = "ann"
	password         = "correct horse battery staple"
	passwordVariable = "BENCH_GATE_PASSWORD"
	// caddyModule is built from source, into the user's cache, when there is no caddy on PATH.
	caddyModule = "github.com/caddyserver/caddy/v2/cmd/caddy@v2.10.2"
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

// hash is the password with a bcrypt cost, in the spelling that nginx and Apache write.
func hash(cost int) (string, error) {
	h, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	return "$2y" + strings.TrimPrefix(string(h), "$2a"), err
}

// apr1 is what "htpasswd -m" makes, by the program itself where it is installed.
func apr1() (string, error) {
	out, err := exec.Command("openssl", "passwd", "-apr1", "-salt", fmt.Sprintf("%.8x", md5.Sum([]byte(user))), password).Output()
	if err != nil {
		return "", fmt.Errorf("openssl passwd: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// bench starts servers in a directory of its own.
type bench struct {
	dir      string
	upstream string
	profile  bool // of our own gate, into dir
	all      []*process.Running
}

func (b *bench) start(name, program string, env, args []string) (*process.Running, error) {
	r, err := process.Start(process.Command{
		Program: program, Args: args, Dir: b.dir, Log: b.file(name, "log"),
		Env: append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir}, env...),
	})
	if err == nil {
		b.all = append(b.all, r)
	}
	return r, err
}

// file is a file of a server's own.
func (b *bench) file(name, kind string) string {
	return filepath.Join(b.dir, strings.NewReplacer(" ", "-", ",", "").Replace(name)+"."+kind)
}

func address() (string, error) {
	port, err := process.FreePort()
	return fmt.Sprintf("127.0.0.1:%d", port), err
}

// nginx starts one with a location's lines; its access log goes to a file, one write for each request as ours.
func (b *bench) nginx(name, location string) (subject, error) {
	at, err := address()
	if err != nil {
		return subject{}, err
	}
	log := "access_log " + b.file(name, "access") + ";"
	if name == "upstream" {
		log = "access_log off;"
	}
	conf := fmt.Sprintf(`daemon off; worker_processes auto; pid %[2]s; error_log stderr; user root;
events { worker_connections 1024; }
http { %[3]s keepalive_requests 100000000; client_body_temp_path %[1]s/t1; proxy_temp_path %[1]s/t2; fastcgi_temp_path %[1]s/t3; uwsgi_temp_path %[1]s/t4; scgi_temp_path %[1]s/t5;
upstream u { server %[4]s; keepalive 64; }
server { listen %[5]s; location / { %[6]s } } }
`, b.dir, b.file(name, "pid"), log, orSelf(b.upstream, at), at, location)
	file := b.file(name, "conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return subject{}, err
	}
	r, err := b.start(name, "nginx", nil, []string{"-c", file, "-p", b.dir})
	return subject{name: name, load: load.Server{Addresses: []string{at}, Host: "127.0.0.1", User: user, Password: password}, running: r}, err
}

func orSelf(upstream, self string) string {
	if upstream == "" {
		return self
	}
	return upstream
}

const proxyPass = `proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection "";`

// nginxWith is nginx with a file of one user.
func (b *bench) nginxWith(name, hash string, expected float64) (subject, error) {
	file := b.file(name, "users")
	if err := os.WriteFile(file, []byte(user+":"+hash+"\n"), 0o600); err != nil {
		return subject{}, err
	}
	s, err := b.nginx(name, "auth_basic x; auth_basic_user_file "+file+"; "+proxyPass)
	s.expected = expected
	return s, err
}

// caddy starts Caddy, which remembers the hashes that it has checked.
func (b *bench) caddy(program, hash string) (subject, error) {
	at, err := address()
	if err != nil {
		return subject{}, err
	}
	conf := fmt.Sprintf(`{
	admin off
	auto_https off
	persist_config off
}
http://%s {
	log {
		output file %s/caddy.access
	}
	basic_auth {
		%s %s
	}
	reverse_proxy %s
}
`, at, b.dir, user, strings.Replace(hash, "$2y", "$2a", 1), b.upstream)
	file := filepath.Join(b.dir, "Caddyfile")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return subject{}, err
	}
	r, err := b.start("caddy", program, nil, []string{"run", "--config", file, "--adapter", "caddyfile"})
	return subject{name: "Caddy, bcrypt 10, remembered", load: load.Server{Addresses: []string{at}, Host: at, User: user, Password: password}, running: r}, err
}

// findCaddy looks on PATH and in the user's cache, and builds it there when build is set. Empty is nowhere.
func findCaddy(ctx context.Context, build bool) (string, error) {
	if path, err := exec.LookPath("caddy"); err == nil {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(cache, "mlflow-server-bench", "bin")
	path := filepath.Join(bin, "caddy")
	if _, err := os.Stat(path); err == nil || !build {
		if err != nil {
			path = ""
		}
		return path, nil
	}
	cmd := exec.CommandContext(ctx, "go", "install", caddyModule)
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building Caddy: %w\n%s", err, out)
	}
	return path, nil
}

// ours starts the product's gate, as this program run again.
func (b *bench) ours(name, password string) (subject, error) {
	at, err := address()
	if err != nil {
		return subject{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return subject{}, err
	}
	env := []string{passwordVariable + "=" + password}
	if b.profile {
		env = append(env, profileVariable+"="+b.dir)
	}
	r, err := b.start(name, self, env, []string{"gate-server", at, b.upstream})
	return subject{name: name, load: load.Server{Addresses: []string{at}, Host: "127.0.0.1", User: user, Password: "correct horse battery staple"}, running: r}, err
}

// ready waits until a subject answers.
func (s subject) ready(ctx context.Context) error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		_, err := load.Do(ctx, s.load, load.Request{Method: "GET", Path: path})
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not answer: %w", s.name, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

package front

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// caddyModule is built from source, into the user's cache, when there is no caddy on PATH.
const caddyModule = "github.com/caddyserver/caddy/v2/cmd/caddy@v2.10.2"

// Caddy starts Caddy before the upstreams. It takes bcrypt hashes and remembers those that it has checked. program is what
// FindCaddy has found.
func Caddy(program string, o Options) (*Front, error) {
	login := ""
	if o.Users != "" {
		users, err := os.ReadFile(o.Users)
		if err != nil {
			return nil, fmt.Errorf("reading the users for Caddy: %w", err)
		}
		for line := range strings.Lines(string(users)) {
			name, hash, _ := strings.Cut(strings.TrimSpace(line), ":")
			login += "\t\t" + name + " " + strings.Replace(hash, "$2y", "$2a", 1) + "\n"
		}
		login = "\tbasic_auth {\n" + login + "\t}\n"
	}
	return start(o, program, func(address string) ([]string, error) {
		upstreams := ""
		for _, u := range o.Upstreams {
			upstreams += " " + unix(u, "unix/")
		}
		conf := fmt.Sprintf(`{
	admin off
	auto_https off
	persist_config off
}
http://:%s {
	bind 127.0.0.1
	log {
		output file %s
	}
%s	reverse_proxy%s
}
`, strings.TrimPrefix(address, "127.0.0.1:"), o.file("access"), login, upstreams)
		file := o.file("caddyfile")
		return []string{"run", "--config", file, "--adapter", "caddyfile"}, os.WriteFile(file, []byte(conf), 0o600)
	})
}

// FindCaddy looks on PATH and in the user's cache, and builds it there when build is set. Missing says that it is nowhere.
func FindCaddy(ctx context.Context, build bool) (string, error) {
	if path, err := exec.LookPath("caddy"); err == nil {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	bin := filepath.Join(cache, "mlflow-server-bench", "bin")
	path := filepath.Join(bin, "caddy")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if !build {
		return "", Missing{"caddy"}
	}
	cmd := exec.CommandContext(ctx, "go", "install", caddyModule)
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building Caddy: %w\n%s", err, out)
	}
	return path, nil
}

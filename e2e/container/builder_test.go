package container

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
)

// newBuilder takes Go, uv and Python from a local server, under pins of the test; the caches of Go and of packages are this
// machine's, since what they save is no business of a test.
func newBuilder(t *testing.T, downloads *heroku.Downloads) *builder {
	t.Helper()
	goCache, goModules, uvCache := goEnv(t, "GOCACHE"), goEnv(t, "GOMODCACHE"), uvCache(t)
	b := &builder{layers: layers{}, environ: []string{"UV_CACHE_DIR=" + uvCache}, shared: []string{goCache, goModules, uvCache}}
	for name, value := range downloads.Settings() {
		b.environ = append(b.environ, name+"="+value)
		if file, ok := strings.CutPrefix(value, "file://"); ok {
			b.shared = append(b.shared, filepath.Dir(file))
		}
	}
	// With systemd, /etc/resolv.conf leads to a directory that a root of a test does not have.
	if names, err := filepath.EvalSymlinks("/etc/resolv.conf"); err == nil && !strings.HasPrefix(names, "/etc/") {
		b.shared = append(b.shared, filepath.Dir(names))
	}
	b.prepare = func(dir string) {
		tools := filepath.Join(dir, "cache", "mlflow-server")
		must(t, os.MkdirAll(filepath.Join(tools, "go-path"), 0o755))
		must(t, os.Symlink(goCache, filepath.Join(tools, "go-build")))
		must(t, os.Symlink(goModules, filepath.Join(tools, "go-path", "mod")))
	}
	return b
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

func uvCache(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("UV_CACHE_DIR")
	if dir == "" {
		cache, err := os.UserCacheDir()
		must(t, err)
		dir = filepath.Join(cache, "uv")
	}
	must(t, os.MkdirAll(dir, 0o755))
	return dir
}

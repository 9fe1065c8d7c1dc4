package heroku

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mlflow-server/e2e/harness"
)

// standardPath is the PATH of a build on Heroku.
const standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Bare is a PATH with the programs of a distribution but none that could help along: no go, uv, pip or python. The build
// images have a python3 without pip; a build must not need even that.
func Bare(t testing.TB) string {
	t.Helper()
	dir, err := bare()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go", "uv", "pip", "pip3", "python3"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Fatalf("%s is on the bare PATH", name)
		}
	}
	return dir
}

var bare = sync.OnceValues(func() (string, error) {
	to, err := harness.Scratch("mlflow-server-e2e-path-")
	if err != nil {
		return "", err
	}
	for _, dir := range filepath.SplitList(standardPath) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			unwanted := e.Name() == "go" || e.Name() == "uv" || e.Name() == "uvx" ||
				strings.HasPrefix(e.Name(), "pip") || strings.HasPrefix(e.Name(), "python")
			if link := filepath.Join(to, e.Name()); !unwanted {
				_ = os.Symlink(filepath.Join(dir, e.Name()), link) // the first directory wins
			}
		}
	}
	return to, nil
})

// WithGo is Bare with this machine's Go before it.
func WithGo(t testing.TB) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "bin") + ":" + Bare(t)
}

// ShareGoCaches lets a build use this machine's build and module caches of Go: what they save, the compiling of Go's own
// library, is no business of any test.
func (b *Build) ShareGoCaches(t testing.TB) {
	t.Helper()
	tools := filepath.Join(b.Cache, "mlflow-server")
	for link, variable := range map[string]string{"go-build": "GOCACHE", "go-path/mod": "GOMODCACHE"} {
		out, err := exec.CommandContext(t.Context(), "go", "env", variable).Output()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(tools, link)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(strings.TrimSpace(string(out)), filepath.Join(tools, link)); err != nil {
			t.Fatal(err)
		}
	}
}

// ShareCaches lets a build use all of this machine's: its Go, and the caches of Go and uv. It is for tests in which
// fetching is not the point.
func (b *Build) ShareCaches(t testing.TB) {
	t.Helper()
	b.ShareGoCaches(t)
	b.Path = WithGo(t)
	cache := os.Getenv("UV_CACHE_DIR")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		cache = filepath.Join(user, "uv")
	}
	b.Extra = append(b.Extra, "UV_CACHE_DIR="+cache)
}

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

// ShareGoBuildCache lets a build use this machine's build cache of Go: what it saves, the compiling of Go's own library, is
// no business of any test.
func (b *Build) ShareGoBuildCache(t testing.TB) {
	t.Helper()
	b.shareGo(t, "go-build", "GOCACHE")
}

// ShareGoCaches is that and the module cache, for tests in which fetching modules is not the point either.
func (b *Build) ShareGoCaches(t testing.TB) {
	t.Helper()
	b.ShareGoBuildCache(t)
	b.shareGo(t, "go-path/mod", "GOMODCACHE")
}

func (b *Build) shareGo(t testing.TB, name, variable string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", variable).Output()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(b.Cache, "mlflow-server", name)
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(strings.TrimSpace(string(out)), link); err != nil {
		t.Fatal(err)
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

// Package cache_test damages what a build leaves in its cache.
package cache_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
	"mlflow-server/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

func TestADamagedCacheHealsAndSaysSo(t *testing.T) {
	downloads := heroku.Serve(t)
	app := heroku.Push(t)
	downloads.Pin(t, app)
	b := heroku.NewBuild(t, app, downloads.Settings())
	b.ShareCaches(t)
	b.Path = "" // no Go
	b.MustRun(t, "compile")
	downloads.Hits()

	tools := filepath.Join(b.Cache, "mlflow-server")
	damage(t, filepath.Join(tools, "go", "*", "src", "fmt", "print.go"), func(text []byte) []byte { text[len(text)/2] ^= 1; return text })
	damage(t, filepath.Join(tools, "program", "*", "buildpack"), func(text []byte) []byte { return text[:len(text)/2] })
	damage(t, filepath.Join(tools, "uv", "*", "uv"), func(text []byte) []byte { return append(text, 0) }) // it runs
	damage(t, filepath.Join(tools, "runtime", "*.tar"), func(text []byte) []byte { text[len(text)/2] ^= 1; return text })
	heroku.Write(t, filepath.Join(tools, "go", "1.2.3-old", "bin", "go"), "old")
	heroku.Write(t, filepath.Join(tools, "uv", "0.0.1-old", "uv"), "old")
	heroku.Write(t, filepath.Join(tools, "runtime", "old.tar"), "old")

	b.App = heroku.Push(t)
	downloads.Pin(t, b.App)
	r := b.MustRun(t, "compile")
	t.Logf("\n%s", r.Log)
	for _, want := range []string{
		"The Go toolchain in the cache is damaged: fetching it again",
		"The buildpack in the cache is damaged: building it again",
		"The MLflow in the cache is damaged (its checksum is wrong): installing it again",
		"uv fetched before: ",
	} {
		if !strings.Contains(r.Log, want) {
			t.Errorf("%q is not in the log", want)
		}
	}
	if hits := downloads.Hits(); !slices.Equal(hits, []string{"go.tar.gz", "uv.tar.gz"}) { // the archive of Python was whole
		t.Errorf("it fetched %q", hits)
	}
	if left, _ := filepath.Glob(filepath.Join(tools, "*", "*old*")); len(left) > 0 {
		t.Errorf("%q are still in the cache", left)
	}

	b.App = heroku.Push(t)
	downloads.Pin(t, b.App)
	r = b.MustRun(t, "compile")
	if strings.Contains(r.Log, "damaged") || !strings.Contains(r.Log, "from the cache") || len(downloads.Hits()) > 0 {
		t.Errorf("the build after that says\n%s", r.Log)
	}
}

// damage changes the one file that the pattern matches.
func damage(t *testing.T, pattern string, change func([]byte) []byte) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) != 1 {
		t.Fatalf("%s matches %q, %v", pattern, names, err)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(names[0], change(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

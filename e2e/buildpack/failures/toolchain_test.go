package failures_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
)

// What fails before there is a Go to run anything with.
func TestABuildFailsInWordsBeforeItHasGo(t *testing.T) {
	app := heroku.Push(t)
	build := func(t *testing.T) heroku.Build { return heroku.NewBuild(t, app, nil) }
	junk := make([]byte, 1<<20)

	t.Run("on a stack that is not supported", func(t *testing.T) {
		b := build(t)
		b.Extra = []string{"STACK=heroku-18"}
		fails(t, b, "stack", "stack")
	})
	t.Run("on an architecture that is not supported", func(t *testing.T) {
		b := build(t)
		b.Path = without(t, "uname", `[ "$1" = -s ] && echo Linux || echo riscv64`) + ":" + heroku.Bare(t)
		fails(t, b, "architecture", "architecture")
	})
	t.Run("when the cache cannot be written to", func(t *testing.T) {
		b := build(t)
		if err := os.Remove(b.Cache); err != nil {
			t.Fatal(err)
		}
		heroku.Write(t, b.Cache, "a file") // no directory can be made in it, not even by root
		fails(t, b, "cache", "")
	})
	t.Run("without a network", func(t *testing.T) {
		pinToolchain(t, app, "http://go.invalid") // RFC 2606: a name that never resolves
		b := build(t)
		b.Path = without(t, "go", "echo go1.25.9") + ":" + heroku.Bare(t)
		if r := fails(t, b, "network", "network"); !strings.Contains(r.Stdout, "       Go 1.25.9 on PATH is older than 1.26.0\n") {
			t.Errorf("it does not say why the Go on PATH was not taken:\n%s", r.Stdout)
		}
	})
	t.Run("when the toolchain is another file", func(t *testing.T) {
		address, asked := toolchainServer(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(junk) })
		pinToolchain(t, app, address)
		fails(t, build(t), "checksum", "checksum")
		if *asked != 2 {
			t.Errorf("it asked %d times", *asked)
		}
	})
	t.Run("when the download breaks off", func(t *testing.T) {
		address, asked := toolchainServer(t, func(w http.ResponseWriter, r *http.Request) { heroku.Truncated(w, junk) })
		pinToolchain(t, app, address)
		b := build(t)
		fails(t, b, "truncated", "truncated")
		if *asked != 2 {
			t.Errorf("it asked %d times", *asked)
		}
		if left, _ := filepath.Glob(filepath.Join(b.Cache, "mlflow-server", "go", "*")); len(left) > 0 {
			t.Errorf("it left %q in the cache", left)
		}
	})
	t.Run("when the server is unwell for good", func(t *testing.T) {
		address, asked := toolchainServer(t, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) })
		pinToolchain(t, app, address)
		fails(t, build(t), "unavailable", "network")
		if *asked != 5 {
			t.Errorf("it asked %d times", *asked)
		}
	})
	t.Run("when Go's modules are not reached", func(t *testing.T) {
		b := heroku.NewBuild(t, app, map[string]string{"GOPROXY": "https://someone:geheimes-wort@goproxy.invalid", "GOSUMDB": "off"})
		b.Path = heroku.WithGo(t)
		fails(t, b, "modules", "network")
	})
	t.Run("when there is no space for it", func(t *testing.T) {
		address, _ := toolchainServer(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(junk) })
		pinToolchain(t, app, address)
		b := build(t)
		tmp := t.TempDir()
		b.Wrap, b.Extra = heroku.Small(t, tmp, "64k"), []string{"TMPDIR=" + tmp}
		fails(t, b, "toolchain-space", "space")
	})
}

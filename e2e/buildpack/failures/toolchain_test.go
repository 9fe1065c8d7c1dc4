package failures_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
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
		heroku.Write(t, filepath.Join(b.Cache, "mlflow-server", "report"), "result: success\n") // of the build before
		b.Wrap = heroku.ReadOnly(t, b.Cache)
		fails(t, b, "cache", "cache")
	})
	t.Run("when a part of the cache cannot be written to", func(t *testing.T) {
		b := build(t)
		part := filepath.Join(b.Cache, "mlflow-server", "go")
		heroku.Write(t, filepath.Join(part, "old", "bin", "go"), "")
		b.Wrap = heroku.ReadOnly(t, part)
		fails(t, b, "cache-part", "cache")
		if report := heroku.KeyValues(t, b.MustRun(t, "report").Stdout); report["reason"] == "" {
			t.Errorf("the report says %v", report)
		}
	})
	t.Run("when the cache is a file", func(t *testing.T) {
		b := build(t)
		if err := os.Remove(b.Cache); err != nil {
			t.Fatal(err)
		}
		heroku.Write(t, b.Cache, "no directory can be made in it")
		fails(t, b, "cache", "cache")
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
	t.Run("when the toolchain of a host that only the app's authority vouches for is another file", func(t *testing.T) {
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(junk) }))
		defer server.Close()
		pinToolchain(t, app, server.URL)
		authority := filepath.Join(app, "certs", "ca of ours.pem")
		heroku.Write(t, authority, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
		defer os.Remove(authority)
		b := heroku.NewBuild(t, app, map[string]string{"SSL_CERT_FILE": "/app/certs/ca of ours.pem", "CURL_CA_BUNDLE": "/app/certs/gone.pem"})
		if r := fails(t, b, "certificate", "checksum"); !strings.Contains(r.Stdout, "       CURL_CA_BUNDLE is left out: there is no /app/certs/gone.pem\n") {
			t.Errorf("it does not say what it left out:\n%s", r.Stdout)
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
		b := heroku.NewBuild(t, app, map[string]string{"GOPROXY": "https://someone:geheimes-wort@goproxy.invalid/geheimes-zeichen/go,direct", "GOSUMDB": "off"})
		b.Path = heroku.WithGo(t)
		if r := fails(t, b, "modules", "network"); strings.Contains(r.Log, "geheim") {
			t.Error("a secret is in the log")
		}
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

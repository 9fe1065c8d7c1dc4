package buildpack

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// aSmallLauncher is a compilation whose launcher is ten lines with one dependency, from a module proxy in a directory. Go's
// module cache is the store's own; its build cache is the machine's, so that a test takes a second.
func aSmallLauncher(t *testing.T) (c *compilation, log *strings.Builder) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Fatal(err)
	}
	proxy, source, dir := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "the cache")
	var module bytes.Buffer
	archive := zip.NewWriter(&module)
	for name, text := range map[string]string{"go.mod": "module example.com/dep\n", "dep.go": "package dep\n\nconst Word = \"ran\"\n"} {
		w, err := archive.Create("example.com/dep@v1.0.0/" + name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	versions := filepath.Join(proxy, "example.com", "dep", "@v")
	writeFile(t, filepath.Join(versions, "list"), "v1.0.0\n")
	writeFile(t, filepath.Join(versions, "v1.0.0.info"), `{"Version": "v1.0.0"}`)
	writeFile(t, filepath.Join(versions, "v1.0.0.mod"), "module example.com/dep\n")
	writeFile(t, filepath.Join(versions, "v1.0.0.zip"), module.String())
	writeFile(t, filepath.Join(source, "go.mod"), "module toy\n\ngo 1.26.0\n\nrequire example.com/dep v1.0.0\n")
	writeFile(t, filepath.Join(source, "cmd", "mlflow-server", "main.go"), "package main\n\nimport \"example.com/dep\"\n\nfunc main() { println(dep.Word) }\n")
	for name, value := range map[string]string{
		"GOPROXY": "file://" + proxy, "GOSUMDB": "off", "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local", "GOWORK": "off",
		"GOPATH": filepath.Join(dir, "go-path"), "GOMODCACHE": filepath.Join(dir, "go-path", "mod"), "CGO_ENABLED": "0",
	} {
		t.Setenv(name, value)
	}
	tidy := exec.CommandContext(t.Context(), "go", "mod", "tidy")
	tidy.Dir = source
	if out, err := tidy.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	log = &strings.Builder{}
	return &compilation{Build: Build{App: t.TempDir(), Source: source, Go: "go"}, log: newOutput(log, nil), store: store{dir: dir}}, log
}

func TestALauncherThatFailsWithADamagedCacheOfGoIsBuiltWithoutAndTheLogSaysSo(t *testing.T) {
	c, log := aSmallLauncher(t)
	target := filepath.Join(c.App, launcherFile)
	build := func() {
		t.Helper()
		if err := c.buildLauncher(t.Context(), target, "x"); err != nil {
			t.Fatalf("%v\n%s", err, log)
		}
		if out, err := exec.CommandContext(t.Context(), target).CombinedOutput(); err != nil || string(out) != "ran\n" {
			t.Errorf("the launcher says %q, %v", out, err)
		}
	}
	t.Setenv("GOFLAGS", "-modcacherw -mod=vendor") // as for an app's own Go
	build()
	if log.Len() > 0 {
		t.Errorf("the first build says\n%s", log)
	}
	writeFile(t, filepath.Join(c.store.dir, "go-path", "mod", "example.com", "dep@v1.0.0", "dep.go"), "package dep\n\nconst Word = half of")
	writeFile(t, filepath.Join(c.store.dir, "go-build", "left"), "of an earlier build")
	build()
	if got := log.String(); got != "       building the launcher failed with the caches of Go: trying without\n" {
		t.Errorf("the second build says\n%s", got)
	}
	if exists(filepath.Join(c.store.dir, "go-build", "left")) {
		t.Error("the other cache was kept")
	}
}

func TestTheCachesOfGoStayWhenTheNetworkIsWhatFails(t *testing.T) {
	c, log := aSmallLauncher(t)
	kept := filepath.Join(c.store.dir, "go-build", "kept")
	writeFile(t, kept, "")
	if err := os.RemoveAll(filepath.Join(c.store.dir, "go-path", "mod")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOPROXY", "http://127.0.0.1:1")
	err := c.buildLauncher(t.Context(), filepath.Join(c.App, launcherFile), "x")
	var f *Failure
	if !errors.As(err, &f) || f.Key != "network" || log.Len() > 0 || !exists(kept) {
		t.Errorf("it says %+v, and in the log\n%s", f, log)
	}
}

func TestWhatGoSaysIsSorted(t *testing.T) {
	for text, want := range map[string]string{
		"dep.go:3:7: syntax error":                                                             "build",
		"verifying example.com/dep@v1.0.0: checksum mismatch":                                  "build",
		"write /cache/go-build/a: no space left on device":                                     "space",
		"write /cache/go-build/a: disk quota exceeded":                                         "space",
		`Get "https://proxy.example/@v/list": dial tcp: lookup proxy.example: no such host`:    "network",
		`Get "https://proxy.example/": tls: failed to verify certificate: x509: unknown`:       "network",
		`reading https://proxy.example/dep/@v/v1.0.0.zip: 503 Service Unavailable`:             "network",
		`Get "http://127.0.0.1:1/dep/@v/v1.0.0.zip": dial tcp 127.0.0.1:1: connection refused`: "network",
	} {
		f := goFailure("go: downloading example.com/dep v1.0.0\n" + text)
		if f.Key != want || f.Lines[0] != text {
			t.Errorf("%q is %s: %q", text, f.Key, f.Lines)
		}
		// toolchain.sh sorts it in the same way.
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "log"), text)
		script, err := os.ReadFile("toolchain.sh")
		if err != nil {
			t.Fatal(err)
		}
		_, function, _ := strings.Cut(string(script), "\nwhy_failed() {")
		function, _, _ = strings.Cut(function, "\n}\n")
		sh := exec.CommandContext(t.Context(), "sh", "-c", "scratch=$1\nwhy_failed() {"+function+"\n}\nwhy_failed", "sh", dir)
		if out, err := sh.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("toolchain.sh says of %q: %s, %v", text, out, err)
		}
	}
}

package cache_test

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
)

// A buildpack of ten lines, which a build with caches of Go of its own compiles in seconds: the shell is the real one.
func TestDamagedCachesOfGoHealAndADeadProxyDoesNotEmptyThem(t *testing.T) {
	buildpack := filepath.Join(t.TempDir(), "buildpack")
	for _, name := range []string{"bin/compile", "buildpack/toolchain.sh", "buildpack/toolchain.txt"} {
		text, err := os.ReadFile(filepath.Join(heroku.Root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		heroku.Write(t, filepath.Join(buildpack, name), string(text))
	}
	for _, dir := range []string{"assets", "provision"} {
		if err := os.MkdirAll(filepath.Join(buildpack, "internal", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(buildpack, "bin", "compile"), 0o755); err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(buildpack, "cmd", "buildpack", "main.go")
	state := func(n string) { // another program, so that it is built anew
		heroku.Write(t, source, "package main\n\nimport \"example.com/dep\"\n\nfunc main() { println(dep.Word, "+n+") }\n")
	}
	state("1")
	heroku.Write(t, filepath.Join(buildpack, "go.mod"), "module toy\n\ngo 1.26.0\n\nrequire example.com/dep v1.0.0\n")
	goproxy := moduleProxy(t)
	tidy := exec.CommandContext(t.Context(), "go", "mod", "tidy")
	tidy.Dir, tidy.Env = buildpack, append(os.Environ(), "GOPROXY="+goproxy, "GOSUMDB=off", "GOFLAGS=-modcacherw", "GOMODCACHE="+t.TempDir())
	if out, err := tidy.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b := heroku.NewBuild(t, heroku.BuildDir(t), map[string]string{
		"GOPROXY": goproxy, "GOSUMDB": "off", "GOFLAGS": "-mod=vendor -tags=ours", // of an app that is Go as well
	})
	b.Buildpack, b.Path = buildpack, heroku.WithGo(t)
	const healed = "       That failed with the caches of Go: trying without\n"
	run := func(n string, heals bool) {
		t.Helper()
		state(n)
		r := b.MustRun(t, "compile")
		if !strings.HasSuffix(r.Log, "ran "+n+"\n") || strings.Contains(r.Log, healed) != heals {
			t.Errorf("build %s says\n%s", n, r.Log)
		}
	}
	tools := filepath.Join(b.Cache, "mlflow-server")
	run("1", false)

	results, err := filepath.Glob(filepath.Join(tools, "go-build", "??", "*-d"))
	if err != nil || len(results) < 20 {
		t.Fatalf("the build cache has %d results, %v", len(results), err)
	}
	for _, name := range results {
		flip(t, name)
	}
	run("2", true)

	module := filepath.Join(tools, "go-path", "mod", "example.com", "dep@v1.0.0", "dep.go")
	heroku.Write(t, module, "package dep\n\nconst Word = half of")
	run("3", true)

	if err := os.RemoveAll(filepath.Join(tools, "go-path", "mod")); err != nil {
		t.Fatal(err)
	}
	proxy := filepath.Join(b.Env, "GOPROXY")
	heroku.Write(t, proxy, "http://127.0.0.1:1")
	state("4")
	if r := b.Run(t, "compile"); r.Code == 0 || strings.Contains(r.Log, healed) || !strings.Contains(r.Stderr, "could not be fetched") {
		t.Errorf("with a dead proxy it says\n%s", r.Log)
	}
	if left, _ := filepath.Glob(filepath.Join(tools, "go-build", "??", "*-d")); len(left) < 20 {
		t.Errorf("a dead proxy leaves %d results in the build cache", len(left))
	}
}

// moduleProxy is a Go module proxy in a directory, with example.com/dep.
func moduleProxy(t *testing.T) (address string) {
	t.Helper()
	dir := t.TempDir()
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
	for name, text := range map[string]string{
		"list": "v1.0.0\n", "v1.0.0.info": `{"Version": "v1.0.0"}`, "v1.0.0.mod": "module example.com/dep\n", "v1.0.0.zip": module.String(),
	} {
		heroku.Write(t, filepath.Join(dir, "example.com", "dep", "@v", name), text)
	}
	return "file://" + dir
}

// flip changes what is in a file and not its size, which Go looks at.
func flip(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		text[i] ^= 0x55
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

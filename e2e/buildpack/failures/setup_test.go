// Package failures_test breaks builds in every way that is known and reads what the person who pushed would read.
package failures_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
	"mlflow-server/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// fails runs bin/compile, which must fail with the golden message as one block on standard error and leave the app as it
// was, and reads the report.
func fails(t *testing.T, b heroku.Build, golden, key string) heroku.Result {
	t.Helper()
	before := heroku.List(t, b.App)
	r := b.Run(t, "compile")
	t.Logf("it took %v\n%s", r.Took, r.Log)
	if r.Code == 0 {
		t.Fatal("the build went well")
	}
	heroku.Golden(t, golden+".golden", heroku.Normal(r.Stderr))
	for line := range strings.Lines(r.Stderr) {
		if !strings.HasPrefix(line, "\x1b[1;31m !") || !strings.HasSuffix(line, "\x1b[0m\n") {
			t.Errorf("%q is not of a red block", line)
		}
	}
	after := heroku.List(t, b.App)
	if key == "cache" {
		delete(after, ".mlflow-server-report") // no other place is left for it
	}
	if !maps.Equal(before, after) {
		t.Errorf("it left %q in the app, where there was %q", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
	}
	report := heroku.KeyValues(t, b.MustRun(t, "report").Stdout)
	if report["result"] != "failure" || report["failure"] != key {
		t.Errorf("the report says %v", report)
	}
	if key == "cache" { // Heroku throws the app away; here it is pushed again
		if err := os.Remove(filepath.Join(b.App, ".mlflow-server-report")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
	return r
}

// toolchainServer answers for the Go toolchain and counts.
func toolchainServer(t *testing.T, answer http.HandlerFunc) (address string, asked *int) {
	t.Helper()
	asked = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { *asked++; answer(w, r) }))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// pinToolchain makes a copy of the repository fetch its toolchain there.
func pinToolchain(t *testing.T, repository, address string) {
	t.Helper()
	var text strings.Builder
	for _, platform := range []string{"linux-amd64", "linux-arm64"} {
		fmt.Fprintf(&text, "%s 1.26.5 %s %s/go.tar.gz\n", platform, strings.Repeat("0", 64), address)
	}
	heroku.Write(t, filepath.Join(repository, "buildpack", "toolchain.txt"), text.String())
}

// without is a directory for the front of PATH with a program that prints text instead.
func without(t *testing.T, program, text string) string {
	t.Helper()
	dir := t.TempDir()
	heroku.Write(t, filepath.Join(dir, program), "#!/bin/sh\n"+text+"\n")
	if err := os.Chmod(filepath.Join(dir, program), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

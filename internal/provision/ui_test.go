package provision

import (
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/internal/assets"
)

// withUI is the environment of a fake uv, and a runtime that it has made, whose MLflow then gets a user interface.
func withUI(t *testing.T) (Runtime, Options) {
	t.Helper()
	o := Options{Dir: filepath.Join(t.TempDir(), "r"), Environ: fakeUV(t)}
	r, err := Install(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if exists(r.UIDir()) {
		t.Fatal("something was compressed although there is no user interface")
	}
	writeFile(t, filepath.Join(assets.SourceDir(r.SitePackages), "index.html"), "<!doctype html>"+strings.Repeat("<p>text", 500), 0o644)
	return r, o
}

func TestARuntimeWithoutACompressedUserInterfaceGetsOne(t *testing.T) {
	t.Parallel()
	r, o := withUI(t)
	var log notes
	o.Progress = &log
	again, err := Install(t.Context(), o)
	if err != nil || again != r || !assets.Complete(r.UIDir()) {
		t.Fatalf("%+v, %v\n%s", again, err, &log)
	}
	if !strings.HasPrefix(log.String(), "started Compressing the user interface\nfinished Compressing the user interface: 1 files") {
		t.Errorf("it said:\n%s", &log)
	}
	var quiet notes
	if err := Complete(t.Context(), r, &quiet); err != nil || quiet.String() != "" {
		t.Errorf("a complete one: %v\n%s", err, &quiet)
	}
	if left, _ := filepath.Glob(r.UIDir() + ".*"); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

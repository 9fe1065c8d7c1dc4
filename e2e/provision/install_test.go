// Package provision_test installs real runtimes from the real Python package index.
package provision_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/provision"
)

func TestARuntimeIsInstalledOnceAndThenFoundWithoutANetwork(t *testing.T) {
	cache := ownCache(t)
	var log bytes.Buffer
	first, err := provision.Install(t.Context(), provision.Options{Progress: provision.NewPlain(&log)})
	t.Logf("\n%s", &log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(first.Dir, cache) || !first.Locked || first.MLflowVersion != provision.LockedMLflowVersion() {
		t.Errorf("installed %+v", first)
	}

	t.Setenv("PATH", "/nonexistent") // neither uv nor Python, so that anything but looking would fail
	start := time.Now()
	found, err := provision.Find("")
	if err != nil || found != first {
		t.Errorf("found %+v, %v", found, err)
	}
	again, err := provision.Install(t.Context(), provision.Options{})
	if err != nil || again != first {
		t.Errorf("the second installation gave %+v, %v", again, err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("looking took %v", took)
	}

	importsTheServer(t, found)
	holdsNoPath(t, found.Dir, cache)
	leavesNothingBeside(t, found.Dir)
}

func TestARuntimeWithItsOwnPythonRunsWhereItIsMovedTo(t *testing.T) {
	ownCache(t)
	haveUV(t)
	minor, downloads := servePython(t)
	built := filepath.Join(t.TempDir(), "a build's directory")
	var log bytes.Buffer
	r, err := provision.Install(t.Context(), provision.Options{
		Dir: filepath.Join(built, ".mlflow"), CacheDir: filepath.Join(t.TempDir(), "cache"),
		ManagedPython: true, PythonVersion: minor,
		// One package that the lock lacks, and one that it has in another version.
		Extras:   []string{"tabulate  # for tables", "idna==3.10"},
		Environ:  append(os.Environ(), "UV_PYTHON_DOWNLOADS_JSON_URL="+downloads, "UV_PYTHON_INSTALL_DIR="+t.TempDir()),
		Progress: provision.NewPlain(&log),
	})
	t.Logf("\n%s", &log)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Locked || !strings.HasPrefix(r.Python, r.Dir) {
		t.Errorf("installed %+v", r)
	}
	holdsNoPath(t, r.Dir, built)
	leavesNothingBeside(t, r.Dir)

	app := filepath.Join(t.TempDir(), "app")
	if err := os.Rename(built, app); err != nil {
		t.Fatal(err)
	}
	moved, err := provision.Find(filepath.Join(app, "bin", "mlflow-server"))
	if err != nil {
		t.Fatal(err)
	}
	if moved.Dir != filepath.Join(app, ".mlflow") || moved.LockHash != r.LockHash {
		t.Errorf("found %+v", moved)
	}
	importsTheServer(t, moved)
	out := python(t, moved, "import idna, tabulate, sys; print(idna.__version__, sys.prefix, sys.dont_write_bytecode)")
	if want := "3.10 " + filepath.Join(moved.Dir, "python") + " True"; strings.TrimSpace(out) != want {
		t.Errorf("Python says %q, not %q", out, want)
	}
	out = output(t, []string{"PATH=/usr/bin:/bin"}, filepath.Join(moved.BinDir(), "mlflow"), "--version")
	if !strings.Contains(out, provision.LockedMLflowVersion()) {
		t.Errorf("mlflow --version says %q", out)
	}
}

func TestAnInterruptedInstallationLeavesNoRuntime(t *testing.T) {
	cache := ownCache(t)
	haveUV(t)
	ctx, cancel := context.WithCancel(t.Context())
	progress := &stopAt{Silent: provision.Silent{}, step: "Installing MLflow", stop: cancel}
	if _, err := provision.Install(ctx, provision.Options{Progress: progress}); err == nil {
		t.Fatal("the interrupted installation went well")
	}
	if _, err := provision.Find(""); err == nil {
		t.Error("a runtime is found after an interrupted installation")
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "mlflow-server", "runtimes", "*")); len(left) > 0 {
		t.Errorf("it left %q", left)
	}
}

// stopAt ends an installation a moment after a step has begun.
type stopAt struct {
	provision.Silent
	step string
	stop func()
}

func (s *stopAt) Started(step string) {
	if strings.HasPrefix(step, s.step) {
		time.AfterFunc(100*time.Millisecond, s.stop)
	}
}

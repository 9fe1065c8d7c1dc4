package provision

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// layRuntime puts a runtime into dir that looks whole, with a Python of its own that is a script.
func layRuntime(t *testing.T, dir string, change func(*record)) {
	t.Helper()
	writeFile(t, filepath.Join(dir, packagesDir, "mlflow", "version.py"), "", 0o644)
	writeFile(t, filepath.Join(dir, pythonDir, "bin", "python3.13"), answer("CPython", "3.13.9", ""), 0o755)
	rec := record{
		Format: recordFormat, Platform: platform(), LockHash: lockHash(), BaseHash: lockHash(), Locked: true,
		MLflow: LockedMLflowVersion(), Python: "3.13.9", Interpreter: "python/bin/python3.13", Managed: true,
	}
	if change != nil {
		change(&rec)
	}
	if err := rec.write(dir); err != nil {
		t.Fatal(err)
	}
}

func TestARuntimeBesideTheProgramIsFoundWhereverBothAreMoved(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	build := filepath.Join(t.TempDir(), "build")
	layRuntime(t, filepath.Join(build, ".mlflow"), nil)
	writeFile(t, filepath.Join(build, "bin", "mlflow-server"), "", 0o755)
	app := filepath.Join(t.TempDir(), "app")
	if err := os.Rename(build, app); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "mlflow-server")
	if err := os.Symlink(filepath.Join(app, "bin", "mlflow-server"), link); err != nil {
		t.Fatal(err)
	}
	for _, exe := range []string{filepath.Join(app, "bin", "mlflow-server"), link} {
		r, err := Find(exe)
		if err != nil {
			t.Fatal(err)
		}
		real, _ := filepath.EvalSymlinks(app)
		if r.Python != filepath.Join(real, ".mlflow/python/bin/python3.13") || r.SitePackages != filepath.Join(real, ".mlflow/site-packages") {
			t.Errorf("found %+v", r)
		}
		environ := strings.Join(r.Environ(), "\n")
		if !strings.Contains(environ, "PYTHONHOME="+filepath.Join(real, ".mlflow/python")+"\n") ||
			!strings.Contains(environ, "PYTHONPATH="+r.SitePackages+"\n") {
			t.Errorf("its environment is\n%s", environ)
		}
	}
}

func TestTheCacheIsSearchedForTheNewestPython(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	if _, err := Find(""); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("in an empty cache: %v", err)
	}
	for _, minor := range []string{"3.10", "3.13", "3.14"} {
		layRuntime(t, filepath.Join(cache, "mlflow-server", "runtimes", cacheKey(lockHash(), minor)), nil)
	}
	layRuntime(t, filepath.Join(cache, "mlflow-server", "runtimes", cacheKey(hashOf("another"), "3.14")), nil)
	// A half-made newest one is passed over.
	if err := os.Remove(filepath.Join(cache, "mlflow-server", "runtimes", cacheKey(lockHash(), "3.14"), recordFile)); err != nil {
		t.Fatal(err)
	}
	r, err := Find("")
	if err != nil || filepath.Base(r.Dir) != cacheKey(lockHash(), "3.13") {
		t.Errorf("found %s, %v", r.Dir, err)
	}
}

func TestARuntimeThatCannotBeUsedIsNotInstalledAndSaysWhy(t *testing.T) {
	system := filepath.Join(t.TempDir(), "python3")
	writeFile(t, system, answer("CPython", "3.12.4", ""), 0o755)
	info, err := os.Stat(system)
	if err != nil {
		t.Fatal(err)
	}
	// as a system Python that was recorded when it had this size and time
	asSystem := func(version string) func(*record) {
		return func(r *record) {
			r.Managed, r.Interpreter, r.Python, r.Size, r.Modified = false, system, version, info.Size(), info.ModTime()
		}
	}
	for name, c := range map[string]struct {
		change func(*record)
		spoil  func(dir string) error
		want   string // "" when it can be used
	}{
		"whole":                                 {nil, nil, ""},
		"with the system's Python":              {asSystem("3.12.4"), nil, ""},
		"of another lock":                       {func(r *record) { r.BaseHash = "0" }, nil, "another version of mlflow-server"},
		"of a later format":                     {func(r *record) { r.Format++ }, nil, "another version of mlflow-server"},
		"of another platform":                   {func(r *record) { r.Platform = "plan9/mips" }, nil, "made for plan9/mips"},
		"without a record":                      {nil, func(dir string) error { return os.Remove(filepath.Join(dir, recordFile)) }, "has no runtime.json"},
		"with half a record":                    {nil, func(dir string) error { return os.Truncate(filepath.Join(dir, recordFile), 20) }, "cannot be read"},
		"without its packages":                  {nil, func(dir string) error { return os.RemoveAll(filepath.Join(dir, packagesDir)) }, "its packages have gone"},
		"without its Python":                    {nil, func(dir string) error { return os.RemoveAll(filepath.Join(dir, pythonDir)) }, "its Python has gone"},
		"with a Python that is no program":      {nil, func(dir string) error { return os.Chmod(filepath.Join(dir, "python/bin/python3.13"), 0o644) }, "cannot be executed"},
		"whose system Python is another minor":  {func(r *record) { asSystem("3.11.9")(r); r.Size++ }, nil, "its Python has changed: it was 3.11 and is 3.12"},
		"whose system Python got another patch": {func(r *record) { asSystem("3.12.1")(r); r.Size++ }, nil, ""},
		"whose system Python has gone":          {func(r *record) { asSystem("3.12.4")(r); r.Interpreter += ".gone" }, nil, "its Python has gone"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			layRuntime(t, dir, c.change)
			if c.spoil != nil {
				if err := c.spoil(dir); err != nil {
					t.Fatal(err)
				}
			}
			_, err := open(dir)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if !errors.Is(err, ErrNotInstalled) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

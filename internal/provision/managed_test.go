package provision

import (
	"path/filepath"
	"testing"
)

func TestAPythonKeepsItsHeadersUntilThePackagesAreBuilt(t *testing.T) {
	partial := t.TempDir()
	prefix := filepath.Join(partial, pythonDir)
	forBuilding := []string{
		"include/python3.13/Python.h", "lib/pkgconfig/python-3.13.pc", "lib/libpython3.13.a", "lib/python3.13/config-3.13-x/Makefile",
		"bin/python3.13-config",
	}
	forNobody := []string{"share/man/python.1", "lib/python3.13/test/test_os.py", "lib/python3.13/site-packages/pip/a.py"}
	forever := []string{"bin/python3.13", "bin/python3", "lib/python3.13/os.py", "lib/libpython3.13.so.1.0"}
	for _, names := range [][]string{forBuilding, forNobody, forever} {
		for _, name := range names {
			writeFile(t, filepath.Join(prefix, name), "", 0o755)
		}
	}
	check := func(when string, names []string, want bool) {
		t.Helper()
		for _, name := range names {
			if exists(filepath.Join(prefix, name)) != want {
				t.Errorf("%s: %s is there: %v", when, name, !want)
			}
		}
	}
	if err := trimPython(partial, prefix, "3.13", filepath.Join(partial, "uv-python")); err != nil {
		t.Fatal(err)
	}
	check("before the packages", forBuilding, true)
	check("before the packages", forNobody, false)
	if err := trimBuilding(prefix, "3.13"); err != nil {
		t.Fatal(err)
	}
	check("in the end", forBuilding, false)
	check("in the end", forever, true)
}

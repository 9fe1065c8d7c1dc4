package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// managedPython puts uv's own Python into partial/python. Its Executable is relative to partial.
func (in *installation) managedPython(ctx context.Context, partial string) (interpreter, error) {
	prefix := filepath.Join(partial, pythonDir)
	installDir := filepath.Join(partial, "uv-python")
	defer os.RemoveAll(installDir)

	// One that uv has installed on this machine before is as good, and needs no network.
	out, err := command{name: in.uv.path, environ: in.environ, dir: neutralDir, args: []string{
		"python", "find", "--managed-python", "--no-python-downloads", "--resolve-links", "--no-project", in.managedVersion(),
	}}.run(ctx)
	if from := filepath.Dir(filepath.Dir(strings.TrimSpace(out))); err == nil && filepath.IsAbs(from) {
		if err := os.CopyFS(prefix, os.DirFS(from)); err != nil {
			return interpreter{}, fmt.Errorf("copying %s: %w", from, err)
		}
	} else if ctx.Err() != nil {
		return interpreter{}, ended(ctx)
	} else if err := in.installPython(ctx, installDir, prefix); err != nil {
		return interpreter{}, err
	}
	if err := os.RemoveAll(installDir); err != nil {
		return interpreter{}, err
	}
	minor := interpreter{Version: in.managedVersion()}.minor()
	relative := filepath.Join(pythonDir, "bin", "python"+minor)
	p, err := probe(ctx, filepath.Join(partial, relative), in.environ)
	if err != nil {
		return p, fmt.Errorf("running the installed Python: %w", err)
	}
	if err := p.unsuitable(in.pins); err != nil {
		return p, fmt.Errorf("uv's Python does not fit: %w", err)
	}
	p.Executable = relative
	return p, trimPython(partial, prefix, p.minor(), installDir)
}

// installPython lets uv install a Python below installDir, from the archive in the cache where there is one, and moves it
// to prefix.
func (in *installation) installPython(ctx context.Context, installDir, prefix string) error {
	kept, _ := os.ReadDir(in.pythonArchives())
	err := in.runPythonInstall(ctx, installDir)
	if err != nil && len(kept) > 0 && ctx.Err() == nil {
		// uv checks the archive it kept, but does not replace one that is damaged.
		in.progress.Note("the Python in the cache cannot be installed: fetching it again")
		if err := errors.Join(os.RemoveAll(in.pythonArchives()), os.RemoveAll(installDir)); err != nil {
			return err
		}
		err = in.runPythonInstall(ctx, installDir)
	}
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(installDir)
	if err != nil {
		return err
	}
	for _, e := range entries { // beside it: a link for the minor version and files of uv's own
		if e.IsDir() && strings.HasPrefix(e.Name(), "cpython-") {
			return os.Rename(filepath.Join(installDir, e.Name()), prefix)
		}
	}
	return errors.New("uv installed no CPython")
}

func (in *installation) runPythonInstall(ctx context.Context, installDir string) error {
	_, err := command{name: in.uv.path, environ: in.environ, dir: neutralDir, line: in.noteUnlessError, args: []string{
		// --no-bin: without it uv writes launchers into the home directory.
		"python", "install", "--no-bin", "--install-dir", installDir, "--color", "never", "--no-progress", in.managedVersion(),
	}}.run(ctx)
	return err
}

// trimPython removes what neither a server nor the building of a package needs, and the path of the build from what is left.
func trimPython(partial, prefix, minor, installDir string) error {
	lib := filepath.Join(prefix, "lib", "python"+minor)
	for _, name := range []string{
		"test", "idlelib", "tkinter", "turtledemo", "turtle.py", "ensurepip", "lib2to3", "pydoc_data",
		"lib-dynload/_tkinter*.so", "lib-dynload/_test*.so",
	} {
		if err := removeGlob(filepath.Join(lib, name)); err != nil {
			return err
		}
	}
	for _, name := range []string{
		"share", "lib/tcl*", "lib/tk*", "lib/itcl*", "lib/thread*", "lib/libtcl*", "lib/libtk*",
	} {
		if err := removeGlob(filepath.Join(prefix, name)); err != nil {
			return err
		}
	}
	// pip and whatever a user put into that Python: the runtime's packages come from the lock alone.
	if err := os.RemoveAll(filepath.Join(lib, "site-packages")); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(lib, "site-packages"), 0o755); err != nil {
		return err
	}
	return forgetPaths(prefix, installDir, partial)
}

// trimBuilding removes what only the building of packages needs. It comes after the packages: one without a wheel is
// compiled against these headers.
func trimBuilding(prefix, minor string) error {
	for _, name := range []string{"include", "lib/pkgconfig", "lib/*.a", "lib/python" + minor + "/config-*"} {
		if err := removeGlob(filepath.Join(prefix, name)); err != nil {
			return err
		}
	}
	bin, err := os.ReadDir(filepath.Join(prefix, "bin"))
	if err != nil {
		return err
	}
	for _, e := range bin { // keep the interpreter and its names; the rest are scripts with the build's path inside
		if n := e.Name(); n != "python" && n != "python3" && n != "python"+minor {
			if err := os.RemoveAll(filepath.Join(prefix, "bin", n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeGlob(pattern string) error {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := os.RemoveAll(name); err != nil {
			return err
		}
	}
	return nil
}

// forgetPaths takes the build's paths out of Python's text files: uv writes its install directory into
// _sysconfigdata*.py, where "/install" stood, and no path of a build machine belongs into a directory that is moved.
func forgetPaths(prefix string, paths ...string) error {
	return filepath.WalkDir(prefix, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if !strings.HasPrefix(d.Name(), "_sysconfig") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil || bytes.IndexByte(text, 0) >= 0 {
			return err
		}
		clean := text
		for _, path := range paths {
			clean = bytes.ReplaceAll(clean, []byte(path), []byte("/install"))
		}
		if bytes.Equal(clean, text) {
			return nil
		}
		return writeAnew(name, clean)
	})
}

// writeAnew replaces a file instead of writing into it: the old one may be a hard link into uv's cache.
func writeAnew(name string, data []byte) error {
	if err := os.WriteFile(name+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// noteUnlessError leaves out what uv says of an error: the command's own error repeats it.
func (in *installation) noteUnlessError(line string) {
	if text := strings.TrimSpace(line); !strings.HasPrefix(text, "error:") && !strings.HasPrefix(text, "Caused by:") {
		in.progress.Note(line)
	}
}

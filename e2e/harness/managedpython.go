package harness

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// PackedPython is one of this machine's Pythons packed the way uv's own are: it runs wherever it is unpacked.
type PackedPython struct {
	// Archive is the .tar.gz, with everything in a directory "python".
	Archive string
	// Version is such as "3.13.0", Minor such as "3.13".
	Version, Minor string
	// SHA256 of the archive.
	SHA256 string
}

// PackPython packs the machine's Python for tests of what uv's managed Python is for. It is packed once for each test process.
func PackPython(t testing.TB) PackedPython {
	t.Helper()
	p, err := packedPython()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Downloads is the list that UV_PYTHON_DOWNLOADS_JSON_URL names, with this Python at the given address and no other.
func (p PackedPython) Downloads(t testing.TB, url string) []byte {
	t.Helper()
	var minor, patch int
	if _, err := fmt.Sscanf(p.Version, "3.%d.%d", &minor, &patch); err != nil {
		t.Fatal(err)
	}
	family := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	list, err := json.Marshal(map[string]any{
		fmt.Sprintf("cpython-%s-%s-%s-gnu", p.Version, runtime.GOOS, family): map[string]any{
			"name": "cpython", "arch": map[string]any{"family": family, "variant": nil}, "os": runtime.GOOS, "libc": "gnu",
			"major": 3, "minor": minor, "patch": patch, "prerelease": "", "variant": nil,
			"url": url, "sha256": p.SHA256, "build": "20260101",
		}})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// installedPython is what a Python says of its own parts.
type installedPython struct{ Version, Executable, Library, Stdlib, LibDir, Include string }

const askPython = `import json, os, sys, sysconfig
assert sys.version_info >= (3, 10)
v = sysconfig.get_config_var
print(json.dumps({
    "Version": ".".join(map(str, sys.version_info[:3])),
    "Executable": os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable),
    "Library": v("INSTSONAME") if v("Py_ENABLE_SHARED") else "", "LibDir": v("LIBDIR"), "Stdlib": sysconfig.get_path("stdlib"),
    "Include": sysconfig.get_path("include"),
}))`

var packedPython = sync.OnceValues(func() (PackedPython, error) {
	var own installedPython
	err := errors.New("no Python of at least 3.10 on PATH")
	for _, name := range []string{"python3.13", "python3.12", "python3.11", "python3.10", "python3"} {
		var out []byte
		if out, err = exec.Command(name, "-I", "-c", askPython).Output(); err == nil {
			err = json.Unmarshal(out, &own)
			break
		}
	}
	if err != nil {
		return PackedPython{}, err
	}
	dir, err := scratch("mlflow-server-e2e-python-")
	if err != nil {
		return PackedPython{}, err
	}
	p := PackedPython{Archive: filepath.Join(dir, "python.tar.gz"), Version: own.Version}
	p.Minor = p.Version[:strings.LastIndexByte(p.Version, '.')]
	p.SHA256, err = own.pack(p.Archive, p.Minor)
	return p, err
})

// pack writes python/{bin,lib,include} without packages and tests, and returns the archive's sha256.
func (own installedPython) pack(archive, minor string) (string, error) {
	file, err := os.Create(archive)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	zip, err := gzip.NewWriterLevel(io.MultiWriter(file, sum), gzip.BestSpeed)
	if err != nil {
		return "", err
	}
	pack := tar.NewWriter(zip)
	add := func(name string, data []byte) error {
		if err := pack.WriteHeader(&tar.Header{Name: "python/" + name, Mode: 0o755, Size: int64(len(data))}); err != nil {
			return err
		}
		_, err := pack.Write(data)
		return err
	}
	program, err := movable(own.Executable)
	if err == nil {
		err = add("bin/python"+minor, program)
	}
	for _, link := range []string{"bin/python3", "bin/python"} {
		err = errors.Join(err, pack.WriteHeader(&tar.Header{Name: "python/" + link, Typeflag: tar.TypeSymlink, Linkname: "python" + minor}))
	}
	if own.Library != "" && err == nil {
		var library []byte
		if library, err = os.ReadFile(filepath.Join(own.LibDir, own.Library)); err == nil {
			err = add("lib/"+own.Library, library)
		}
	}
	if err != nil {
		return "", err
	}
	for from, to := range map[string]string{own.Stdlib: "lib/python" + minor, own.Include: "include/python" + minor} {
		if err := eachFile(from, func(relative string, data []byte) error { return add(to+"/"+relative, data) }); err != nil {
			return "", err
		}
	}
	if err := errors.Join(pack.Close(), zip.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// eachFile reads the files of a directory, packages and tests left out.
func eachFile(dir string, do func(relative string, data []byte) error) error {
	return filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == dir {
			return nil // a Python without headers is a Python
		} else if err != nil {
			return err
		}
		switch base := d.Name(); {
		case d.IsDir() && (base == "site-packages" || base == "dist-packages" || base == "test" || base == "tests" || base == "__pycache__"):
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		return do(filepath.ToSlash(relative), data)
	})
}

// movable is the interpreter with the path of its shared library made relative to itself. uv's Pythons find theirs so; one
// that pyenv has built looks in pyenv's directory, which the machine that a slug runs on lacks.
func movable(executable string) ([]byte, error) {
	data, err := os.ReadFile(executable)
	if err != nil {
		return nil, err
	}
	program, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", executable, err)
	}
	for _, tag := range []elf.DynTag{elf.DT_RUNPATH, elf.DT_RPATH} {
		paths, err := program.DynString(tag)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			const own = "$ORIGIN/../lib"
			if len(path) < len(own) {
				return nil, fmt.Errorf("%s looks for its library in %s, which leaves no room for %s", executable, path, own)
			}
			data = bytes.Replace(data, append([]byte(path), 0), append([]byte(own), make([]byte, len(path)-len(own)+1)...), 1)
		}
	}
	return data, nil
}

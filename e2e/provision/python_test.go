package provision_test

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// servePython serves one of this machine's own Pythons the way uv's are served, so that uv's real installation of a
// managed Python runs where its host cannot be reached. It returns the minor version and the address of the list.
func servePython(t *testing.T) (minor, downloads string) {
	t.Helper()
	var own struct{ Version, Executable, Library, Stdlib, LibDir string }
	ask := `import json, os, sys, sysconfig
v = sysconfig.get_config_var
print(json.dumps({"Version": ".".join(map(str, sys.version_info[:3])), "Executable": os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable),
"Library": v("INSTSONAME") if v("Py_ENABLE_SHARED") else "", "LibDir": v("LIBDIR"), "Stdlib": sysconfig.get_path("stdlib")}))`
	r, err := systemPython(t, ask)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(r), &own); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(own.Version, ".")
	minor = parts[0] + "." + parts[1]

	dir := t.TempDir()
	archive := filepath.Join(dir, "python.tar.gz")
	sum := packPython(t, archive, minor, own.Executable, own.Stdlib, filepath.Join(own.LibDir, own.Library), own.Library != "")
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	family := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	key := fmt.Sprintf("cpython-%s-%s-%s-gnu", own.Version, runtime.GOOS, family)
	list, err := json.Marshal(map[string]any{key: map[string]any{
		"name": "cpython", "arch": map[string]any{"family": family, "variant": nil}, "os": runtime.GOOS, "libc": "gnu",
		"major": 3, "minor": number(t, parts[1]), "patch": number(t, parts[2]), "prerelease": "", "variant": nil,
		"url": server.URL + "/python.tar.gz", "sha256": sum, "build": "20260101",
	}})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "downloads.json")
	if err := os.WriteFile(name, list, 0o644); err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("GET /python.tar.gz", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, archive) })
	return minor, "file://" + name
}

func number(t *testing.T, text string) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// systemPython runs code with the first Python on PATH that is new enough.
func systemPython(t *testing.T, code string) (string, error) {
	t.Helper()
	var last error
	for _, name := range []string{"python3", "python3.13", "python3.12", "python3.11", "python3.10"} {
		out, err := exec.CommandContext(t.Context(), name, "-I", "-c", "import sys; assert sys.version_info >= (3, 10)\n"+code).Output()
		if err == nil {
			return string(out), nil
		}
		last = err
	}
	return "", fmt.Errorf("no Python of at least 3.10 on PATH: %w", last)
}

// packPython writes python/{bin,lib} of a Python without its packages and tests, and returns the archive's sha256.
func packPython(t *testing.T, archive, minor, executable, stdlib, library string, shared bool) string {
	t.Helper()
	file, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sum := sha256.New()
	zip, _ := gzip.NewWriterLevel(io.MultiWriter(file, sum), gzip.BestSpeed)
	pack := tar.NewWriter(zip)
	add := func(from, to string) {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := pack.WriteHeader(&tar.Header{Name: "python/" + to, Mode: 0o755, Size: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := pack.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	add(executable, "bin/python"+minor)
	for _, link := range []string{"bin/python3", "bin/python"} {
		if err := pack.WriteHeader(&tar.Header{Name: "python/" + link, Typeflag: tar.TypeSymlink, Linkname: "python" + minor}); err != nil {
			t.Fatal(err)
		}
	}
	if shared {
		add(library, "lib/"+filepath.Base(library))
	}
	err = filepath.Walk(stdlib, func(name string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		switch base := filepath.Base(name); {
		case info.IsDir() && (base == "site-packages" || base == "dist-packages" || base == "test" || base == "tests" || base == "__pycache__"):
			return filepath.SkipDir
		case info.Mode().IsRegular():
			relative, err := filepath.Rel(stdlib, name)
			if err != nil {
				return err
			}
			add(name, "lib/python"+minor+"/"+filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []io.Closer{pack, zip} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

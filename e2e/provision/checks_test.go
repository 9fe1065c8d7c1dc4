package provision_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/provision"
)

// ownCache gives the test an empty cache for runtimes, while uv keeps the machine's for packages.
func ownCache(t *testing.T) string {
	t.Helper()
	if os.Getenv("UV_CACHE_DIR") == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv("UV_CACHE_DIR", filepath.Join(user, "uv"))
	}
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	return cache
}

var sharedTools = sync.OnceValues(func() (string, error) { return harness.Scratch("mlflow-server-e2e-uv-") })

// haveUV puts a uv on PATH for the tests that are not about getting one.
func haveUV(t *testing.T) {
	t.Helper()
	dir, err := sharedTools()
	if err != nil {
		t.Fatal(err)
	}
	path, _, err := provision.FindUV(t.Context(), provision.Options{CacheDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Dir(path)+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// importsTheServer runs the import that takes everything the server needs.
func importsTheServer(t *testing.T, r provision.Runtime) {
	t.Helper()
	out := python(t, r, "import mlflow.server.fastapi_app as a, psycopg, pymysql, boto3; boto3.client('s3', 'us-east-1'); print(a.__file__)")
	if want := filepath.Join(r.SitePackages, "mlflow", "server", "fastapi_app.py"); strings.TrimSpace(out) != want {
		t.Errorf("imported %q, not %q", out, want)
	}
}

// python runs code with nothing in the environment but what the runtime asks for.
func python(t *testing.T, r provision.Runtime, code string) string {
	t.Helper()
	return output(t, append([]string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir()}, r.Environ()...), r.Python, "-W", "ignore", "-c", code)
}

func output(t *testing.T, environ []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env, cmd.Dir = environ, t.TempDir()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, &stderr)
	}
	return string(out)
}

// holdsNoPath looks into every file of the runtime, bytecode included, for the path of the place it was made in.
func holdsNoPath(t *testing.T, dir, path string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			if to, err := os.Readlink(name); err != nil || filepath.IsAbs(to) {
				t.Errorf("%s is a link to %s, %v", name, to, err)
			}
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(name)
		if bytes.Contains(text, []byte(path)) {
			t.Errorf("%s holds the path of its making", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// leavesNothingBeside checks that neither a lock nor an unfinished runtime lies beside a finished one.
func leavesNothingBeside(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the runtime lie %v, %v", entries, err)
	}
}

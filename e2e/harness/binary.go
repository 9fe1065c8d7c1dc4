package harness

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Binary builds mlflow-server, once for each test process, and returns its path. Under the race detector the binary has it too.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var binary = sync.OnceValues(func() (string, error) {
	dir, err := scratch("mlflow-server-e2e-bin-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "mlflow-server")
	args := []string{"build", "-o", path}
	if RaceDetector {
		args = append(args, "-race")
	}
	if err := lookAtSources(); err != nil {
		return "", fmt.Errorf("looking at mlflow-server's sources: %w", err)
	}
	if out, err := exec.Command("go", append(args, "mlflow-server/cmd/mlflow-server")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building mlflow-server: %w\n%s", err, out)
	}
	return path, nil
})

// lookAtSources asks for every file that the program is made of, so that go test runs a test again when one has changed: it
// remembers what a test has looked at, not what a build within the test has.
func lookAtSources() error {
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return err
	}
	root := filepath.Dir(strings.TrimSpace(string(mod)))
	for _, dir := range []string{"cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

package harness

import (
	"fmt"
	"os/exec"
	"path/filepath"
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
	if out, err := exec.Command("go", append(args, "mlflow-server/cmd/mlflow-server")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building mlflow-server: %w\n%s", err, out)
	}
	return path, nil
})

package tracking_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/provision"
)

// python runs a script with the runtime's Python and returns what it prints.
func python(t *testing.T, r provision.Runtime, script string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), r.Python, append([]string{"-S", "-c", script}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "LD_LIBRARY_PATH=" + os.Getenv("LD_LIBRARY_PATH"),
		"MLFLOW_DISABLE_TELEMETRY=true",
	}, r.Environ()...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("Python: %v", err)
	}
	return string(out)
}

// withParts runs a script that can import mlflow_serve, internal/tracking's Python, as it stands in the source tree. It
// returns the last line of what the script prints: MLflow's libraries may print as well.
func withParts(t *testing.T, script string, args ...string) string {
	t.Helper()
	parts, err := filepath.Abs(filepath.Join("..", "..", "internal", "tracking"))
	if err != nil {
		t.Fatal(err)
	}
	out := python(t, harness.Runtime(t), "import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv.pop(1))\n"+script,
		append([]string{parts}, args...)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

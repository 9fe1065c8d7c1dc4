package tracking_test

import (
	"os"
	"os/exec"
	"testing"

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

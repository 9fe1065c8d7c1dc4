package harness

import (
	"os"
	"os/exec"
	"testing"
)

// Require returns the path of the first of the named programs that is installed. Without any, the test is skipped by name; where CI
// is "true" it fails instead, so that nothing is left out unnoticed.
func Require(t testing.TB, programs ...string) string {
	t.Helper()
	for _, program := range programs {
		if path, err := exec.LookPath(program); err == nil {
			return path
		}
	}
	Missing(t, "none of the programs %v is installed", programs)
	return ""
}

// Missing skips a test for what the machine lacks, or fails it where CI is "true".
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

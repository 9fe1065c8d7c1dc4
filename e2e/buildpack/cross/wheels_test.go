package cross_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
	"mlflow-server/internal/provision"
)

// No package of the lock is built on a build machine: there has to be a wheel of each, with one of the lock's hashes.
func TestEveryLockedPackageHasAWheelForBothArchitectures(t *testing.T) {
	uv, _, err := provision.FindUV(t.Context(), provision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(heroku.Root(t), "internal", "provision", "lock", "requirements.txt")
	for _, platform := range []string{"x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"} {
		t.Run(platform, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), uv, "pip", "install", "--dry-run", "--no-python-downloads", "--python-platform", platform,
				"--python-version", provision.DefaultPins().Python.Managed, "--only-binary", ":all:", "--require-hashes", "--no-deps",
				"--target", t.TempDir(), "--requirements", lock)
			cmd.Dir, cmd.Env = "/", append(os.Environ(), "UV_NO_PROGRESS=1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

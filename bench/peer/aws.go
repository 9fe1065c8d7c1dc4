package peer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"mlflow-server/internal/provision"
)

// AWSVersion is the version of the aws command that transfers are compared with.
const AWSVersion = "1.46.3"

// InstallAWS makes a virtual environment with the aws command, on the runtime's Python, in the user's cache, and returns
// the program. It does nothing when that is there already. progress hears a line for each step.
func InstallAWS(ctx context.Context, r provision.Runtime, progress func(string)) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	dir := filepath.Join(cache, "mlflow-server-bench", "awscli-"+AWSVersion+"-py"+r.PythonVersion)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("making a directory for the aws command: %w", err)
	}
	lock := flock.New(dir + ".lock")
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return "", fmt.Errorf("waiting for another installation: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	program := filepath.Join(dir, "bin", "aws")
	if _, err := os.Stat(filepath.Join(dir, complete)); err == nil {
		return program, nil
	}
	uv, _, err := provision.FindUV(ctx, provision.Options{})
	if err == nil {
		err = os.RemoveAll(dir)
	}
	if err != nil {
		return "", fmt.Errorf("installing the aws command: %w", err)
	}
	progress("installing awscli " + AWSVersion)
	for _, args := range [][]string{
		{"venv", "--quiet", "--no-project", "--no-python-downloads", "--python", r.Python, dir},
		{"pip", "install", "--quiet", "--python", filepath.Join(dir, "bin", "python"), "--compile-bytecode", "awscli==" + AWSVersion},
	} {
		if err := run(ctx, uv, args...); err != nil {
			return "", fmt.Errorf("installing the aws command: %w", err)
		}
	}
	return program, os.WriteFile(filepath.Join(dir, complete), nil, 0o644)
}

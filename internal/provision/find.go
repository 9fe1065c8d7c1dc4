package provision

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// ErrNotInstalled says that there is no runtime that this program can use. "mlflow-server install" makes one.
var ErrNotInstalled = errors.New("no MLflow runtime")

// BesideDir is the directory of a runtime that belongs to the program exe: .mlflow beside the bin directory exe lies in,
// as in a Heroku slug (/app/bin/mlflow-server and /app/.mlflow).
func BesideDir(exe string) string {
	return filepath.Join(filepath.Dir(filepath.Dir(exe)), ".mlflow")
}

// Find returns the runtime to use: the one beside exe (see BesideDir; skipped when exe is ""), else the newest fitting
// one in the user's cache. It reads a few small files and uses no network. The error wraps ErrNotInstalled and says why
// each place was refused.
func Find(exe string) (Runtime, error) {
	var reasons []error
	if exe != "" {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		r, err := open(BesideDir(exe))
		if err == nil {
			return r, nil
		}
		reasons = append(reasons, err)
	}
	root, err := cacheRoot(nil)
	if err != nil {
		return Runtime{}, errors.Join(append(reasons, fmt.Errorf("%w: %w", ErrNotInstalled, err))...)
	}
	dirs, err := filepath.Glob(filepath.Join(root, "runtimes", cacheKey(lockHash(), "*")))
	if err != nil {
		return Runtime{}, fmt.Errorf("%w: %w", ErrNotInstalled, err)
	}
	slices.Reverse(dirs) // by name: the newest Python first
	for _, dir := range dirs {
		r, err := open(dir)
		if err == nil {
			return r, nil
		}
		reasons = append(reasons, err)
	}
	if len(dirs) == 0 {
		reasons = append(reasons, fmt.Errorf("%w in %s", ErrNotInstalled, filepath.Join(root, "runtimes")))
	}
	return Runtime{}, errors.Join(reasons...)
}

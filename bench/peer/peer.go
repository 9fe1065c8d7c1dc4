// Package peer installs what people would run instead of this project, pinned, beside it in the user's cache.
package peer

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"mlflow-server/internal/provision"
)

//go:generate go run ./relock

// requirements is MLflow with everything that it asks for, in the versions of this project's own lock where both have a
// package: what differs is how MLflow is run, not what is run.
//
//go:embed lock/requirements.txt
var requirements string

// MLflow is an installation of MLflow as its own documentation says, "pip install mlflow[auth]".
type MLflow struct {
	// Dir is its virtual environment.
	Dir string
	// Version is MLflow's.
	Version string
}

// Bin is the directory of its programs, "mlflow" among them.
func (m MLflow) Bin() string { return filepath.Join(m.Dir, "bin") }

// ErrNotInstalled says that Install has not been run.
var ErrNotInstalled = errors.New("the MLflow to compare with is not installed")

// complete is written last: a directory without it is half an installation.
const complete = "complete"

// Find returns what an earlier Install for the same Python has left.
func Find(r provision.Runtime) (MLflow, error) {
	dir, err := directory(r)
	if err != nil {
		return MLflow{}, err
	}
	if _, err := os.Stat(filepath.Join(dir, complete)); err != nil {
		return MLflow{}, ErrNotInstalled
	}
	return MLflow{Dir: dir, Version: versionOf("mlflow")}, nil
}

// Install makes the virtual environment with uv, on the runtime's Python, with bytecode compiled. It does nothing when that
// is there already. progress hears a line for each step.
func Install(ctx context.Context, r provision.Runtime, progress func(string)) (MLflow, error) {
	if m, err := Find(r); err == nil {
		return m, nil
	}
	dir, err := directory(r)
	if err != nil {
		return MLflow{}, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return MLflow{}, fmt.Errorf("making a directory for the MLflow to compare with: %w", err)
	}
	lock := flock.New(dir + ".lock")
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return MLflow{}, fmt.Errorf("waiting for another installation: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	if m, err := Find(r); err == nil {
		return m, nil
	}
	if err := install(ctx, r, dir, progress); err != nil {
		return MLflow{}, fmt.Errorf("installing the MLflow to compare with: %w", err)
	}
	return Find(r)
}

func install(ctx context.Context, r provision.Runtime, dir string, progress func(string)) error {
	uv, _, err := provision.FindUV(ctx, provision.Options{})
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	progress("making a virtual environment for mlflow " + versionOf("mlflow"))
	if err := run(ctx, uv, "venv", "--quiet", "--no-project", "--no-python-downloads", "--python", r.Python, dir); err != nil {
		return err
	}
	list := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(list, []byte(requirements), 0o644); err != nil {
		return err
	}
	progress("installing mlflow[auth] " + versionOf("mlflow") + " with all its dependencies and compiling bytecode")
	// --no-deps: the list is complete.
	if err := run(ctx, uv, "pip", "install", "--quiet", "--python", filepath.Join(dir, "bin", "python"), "--no-deps", "--require-hashes",
		"--compile-bytecode", "--requirements", list); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, complete), nil, 0o644)
}

func run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/" // uv reads settings of the working directory and those above
	cmd.Env = environ(os.Environ())
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), args[0], err, out)
	}
	return nil
}

// environ gives uv the settings for the network that pip has, whose variables uv does not read.
func environ(own []string) []string {
	for pip, uv := range map[string]string{"PIP_CERT": "SSL_CERT_FILE", "PIP_INDEX_URL": "UV_DEFAULT_INDEX"} {
		if value := os.Getenv(pip); value != "" && os.Getenv(uv) == "" {
			own = append(own, uv+"="+value)
		}
	}
	return slices.DeleteFunc(own, func(pair string) bool {
		return strings.HasPrefix(pair, "VIRTUAL_ENV=") || strings.HasPrefix(pair, "PYTHONPATH=") || strings.HasPrefix(pair, "PYTHONHOME=")
	})
}

// directory is where the installation for a runtime's Python lies.
func directory(r provision.Runtime) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	sum := sha256.Sum256([]byte(requirements))
	return filepath.Join(cache, "mlflow-server-bench", "mlflow-"+hex.EncodeToString(sum[:])[:12]+"-py"+r.PythonVersion), nil
}

var pinned = regexp.MustCompile(`(?m)^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)`)

// versionOf is the version that a package is pinned to, "" when it is not in the list.
func versionOf(name string) string {
	for _, m := range pinned.FindAllStringSubmatch(requirements, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

// Package versitygw gets the S3 server of tests and benchmarks: it checks signatures and keeps objects as plain files.
package versitygw

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The version that is used, as a module and as a directory in the cache.
const (
	module = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
	cached = "versitygw-v1.8.0"
)

// ErrNoGo says that the program is not there and cannot be built.
var ErrNoGo = errors.New("there is no go command")

// Program finds versitygw on the search path or in the user's cache, or fetches and builds it there, which takes two
// minutes, once.
func Program() (string, error) {
	if path, err := exec.LookPath("versitygw"); err == nil {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "mlflow-server-e2e", cached)
	path := filepath.Join(dir, "versitygw")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	compiler, err := exec.LookPath("go")
	if err != nil {
		return "", ErrNoGo
	}
	fmt.Fprintln(os.Stderr, "building versitygw for the tests, once")
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, compiler, "install", module)
	command.Dir = os.TempDir() // outside of this module, whose go.mod it must not touch
	command.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building versitygw: %w\n%s", err, out)
	}
	return path, nil
}

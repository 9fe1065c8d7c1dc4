package provision

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// cacheRoot is this program's directory in the user's cache ($XDG_CACHE_HOME or ~/.cache on Linux). environ is the
// environment to look in, nil for the process's own.
func cacheRoot(environ []string) (string, error) {
	if environ == nil {
		dir, err := os.UserCacheDir()
		if err != nil {
			return "", &Error{Doing: "finding the cache directory", Err: err,
				Advice: "Set XDG_CACHE_HOME or HOME, or name a directory for the runtime."}
		}
		return filepath.Join(dir, "mlflow-server"), nil
	}
	if dir := value(environ, "XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mlflow-server"), nil
	}
	home := value(environ, "HOME")
	if home == "" {
		return "", &Error{Doing: "finding the cache directory", Err: errors.New("neither XDG_CACHE_HOME nor HOME is set"),
			Advice: "Set one of them, or name a directory for the runtime."}
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Caches", "mlflow-server"), nil
	}
	return filepath.Join(home, ".cache", "mlflow-server"), nil
}

// cacheKey names a runtime in the cache. Bytecode and compiled modules fit one minor version of Python on one platform.
func cacheKey(hash, python string) string {
	return hash[:12] + "-py" + python + "-" + runtime.GOOS + "-" + runtime.GOARCH
}

// value is the last value of a variable in an environment.
func value(environ []string, name string) string {
	for i := len(environ) - 1; i >= 0; i-- {
		if k, v, ok := strings.Cut(environ[i], "="); ok && k == name {
			return v
		}
	}
	return ""
}

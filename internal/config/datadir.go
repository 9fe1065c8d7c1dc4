package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

const dataDirVariable = "MLFLOW_DATA_DIR"

// dataDir reads the data directory and makes it absolute, since the server is not bound to stay where it was started.
func (r *reader) dataDir() string {
	dir := r.absolute(dataDirVariable, r.value(dataDirVariable))
	if dir != "" {
		r.mustAllowDirectory(dataDirVariable, dir)
	}
	return dir
}

// makeDataDir makes the data directory and proves that it can be written to. It writes a file for that: permission bits
// say nothing to root, and nothing about a read-only file system.
func (r *reader) makeDataDir(dir string) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		r.reject(dataDirVariable, "the directory cannot be made: %v", err)
		return
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		r.reject(dataDirVariable, "the directory %s cannot be written to: %v", dir, errors.Unwrap(err))
		return
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		r.reject(dataDirVariable, "the directory %s cannot be written to: %v", dir, err)
	}
}

// absolute makes a path absolute against the working directory.
func (r *reader) absolute(name, path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		r.reject(name, "a relative path cannot be used here: %v", err)
		return ""
	}
	return abs
}

// mustAllowDirectory notes a problem when something that is no directory is at path or above it.
func (r *reader) mustAllowDirectory(name, path string) {
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			r.reject(name, "%s is not a directory", at)
			return
		case err == nil || at == filepath.Dir(at):
			return
		case errors.Is(err, fs.ErrPermission):
			r.reject(name, "%s cannot be reached: permission denied", path)
			return
		}
	}
}

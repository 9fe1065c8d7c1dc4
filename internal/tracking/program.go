package tracking

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// program is the Python side. It is written out for each start: the launcher is one file that runs anywhere.
//
//go:embed serve.py mlflow_serve/*.py
var program embed.FS

// writeProgram puts the Python files into the directory and returns the path of the one to run.
func (d *runDir) writeProgram() (string, error) {
	root := filepath.Join(d.path, "program")
	err := fs.WalkDir(program, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(root, filepath.FromSlash(path))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		text, err := program.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o600)
	})
	if err != nil {
		return "", fmt.Errorf("write MLflow's start program: %w", err)
	}
	return filepath.Join(root, "serve.py"), nil
}

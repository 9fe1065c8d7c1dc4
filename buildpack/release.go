package buildpack

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	// runtimeDir holds Python and MLflow.
	runtimeDir = ".mlflow"
	// releaseFile is where compile leaves what bin/release prints: by then there is no program left to ask.
	releaseFile = runtimeDir + "/release.yml"
)

// Release is the YAML that bin/release prints: the add-on for an app's first deploy, and its processes where it has no
// Procfile of its own.
func Release(app string) (string, error) {
	var b strings.Builder
	b.WriteString("---\naddons:\n  - heroku-postgresql:essential-0\n")
	_, err := os.Stat(filepath.Join(app, "Procfile"))
	if errors.Is(err, fs.ErrNotExist) {
		b.WriteString("default_process_types:\n  web: bin/mlflow-server serve\n  release: bin/mlflow-server migrate\n")
		err = nil
	}
	return b.String(), err
}

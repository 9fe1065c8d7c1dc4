package buildpack

import (
	"os"
	"path/filepath"
)

// profileScript is sourced by every dyno before its process starts, with HOME=/app and after the config vars. MLflow's own
// commands come last on PATH: they must not hide a program of the stack.
const profileScript = `# Written by the mlflow-server buildpack.
export PATH="$HOME/bin:$PATH:$HOME/.mlflow/bin"
`

func (c *compilation) writeProfile() error {
	name := c.mine(".profile.d/mlflow-server.sh")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(profileScript), 0o644)
}

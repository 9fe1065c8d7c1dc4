package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/config"
	"mlflow-server/internal/launcher"
)

func runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run a command with this server's database, artifacts and Python",
		ArgsUsage: "-- COMMAND [ARGUMENT...]",
		Description: "The command gets the mapped addresses of the database and of the artifacts in MLflow's own variables " +
			"(MLFLOW_BACKEND_STORE_URI, MLFLOW_ARTIFACTS_DESTINATION, MLFLOW_TRACKING_URI …) and finds \"mlflow\" and \"python\" " +
			"of the runtime first. For example: mlflow-server run -- mlflow gc --older-than 30d",
		HideHelpCommand: true,
		OnUsageError:    func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return usageError{errors.New("run needs a command: mlflow-server run -- COMMAND")}
			}
			environ, cfg, err := config.Read(config.Serve, ".")
			if err != nil {
				return err
			}
			runtime, err := findRuntime()
			if err != nil {
				return err
			}
			environ = launcher.CommandEnviron(cfg, runtime, environ)
			return replaceWith(c.Args().Slice(), environ)
		},
	}
}

// replaceWith makes this process the command: signals, exit code and standard streams are then its own.
func replaceWith(command, environ []string) error {
	path, err := lookPath(command[0], environ)
	if err != nil {
		return err
	}
	if err := syscall.Exec(path, command, environ); err != nil {
		return fmt.Errorf("running %s: %w", path, err)
	}
	return nil
}

// lookPath finds a program in the PATH that it will have.
func lookPath(name string, environ []string) (string, error) {
	if strings.ContainsRune(name, '/') {
		return name, nil
	}
	path, _ := config.LookupIn(environ)("PATH")
	for _, dir := range filepath.SplitList(path) {
		candidate := filepath.Join(dir, name)
		if info, err := os.Stat(candidate); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("running %s: %w", name, exec.ErrNotFound)
}

package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/provision"
)

func installCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "install",
		Usage: "install MLflow for \"serve\"",
		Description: "Puts Python packages, and a Python where the machine has none that fits, into the user's cache directory " +
			"(XDG_CACHE_HOME). Does nothing when they are there. The usual variables of uv, pip and proxies apply.",
		Action: func(c *cli.Context) error {
			ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
			defer stop()
			progress := provision.ProgressFor(os.Stderr)
			r, err := findRuntime()
			if err == nil {
				err = provision.Complete(ctx, r, progress)
			} else {
				r, err = provision.Install(ctx, provision.Options{Progress: progress})
			}
			if err != nil {
				return fmt.Errorf("installing MLflow: %w", err)
			}
			fmt.Fprintf(c.App.Writer, "MLflow %s with Python %s is installed in %s\n", r.MLflowVersion, r.PythonVersion, r.Dir)
			return nil
		},
	})
}

package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/config"
	"mlflow-server/internal/launcher"
	"mlflow-server/internal/provision"
)

func localCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "local",
		Usage: "run a server for this machine: SQLite, local artifacts, nothing to configure",
		Description: "Installs MLflow if it is missing, then serves on http://127.0.0.1:5000 with all data in ./mlflow-data. " +
			"The variables of \"serve\" apply, with these defaults:\n\n" + variablesHelp(config.Local),
		Action: func(c *cli.Context) error {
			_, missing := findRuntime()
			progress := &provision.Follower{Progress: provision.ProgressFor(os.Stderr)}
			install := func(ctx context.Context) (provision.Runtime, error) {
				if r, err := findRuntime(); err == nil {
					return r, nil
				}
				return provision.Install(ctx, provision.Options{Progress: progress})
			}
			o := launcher.Options{Runtime: install}
			if missing != nil {
				o.Installing = progress.Step
			}
			return serve(c, config.Local, o, func(cfg *config.Config, s launcher.Started) {
				fmt.Fprint(c.App.Writer, welcome(cfg, s))
			})
		},
	})
}

// welcome is what a user reads when the local server is ready.
func welcome(cfg *config.Config, s launcher.Started) string {
	var b strings.Builder
	name := cfg.Users[0].Name
	password, shown := "the one in MLFLOW_TRACKING_PASSWORD", `os.environ["MLFLOW_TRACKING_PASSWORD"] = "…"`
	if cfg.DefaultLogin {
		// Only the default is printed: everybody knows it.
		name, password = "mlflow", "mlflow"
		shown = `os.environ["MLFLOW_TRACKING_PASSWORD"] = "mlflow"`
	}
	fmt.Fprintf(&b, "\n  MLflow %s is ready (%s)\n\n", s.Runtime.MLflowVersion, s.Took.Round(100*time.Millisecond))
	fmt.Fprintf(&b, "  Address    %s\n", s.URL)
	fmt.Fprintf(&b, "  User       %s\n", name)
	fmt.Fprintf(&b, "  Password   %s\n", password)
	fmt.Fprintf(&b, "  Data       %s\n", cfg.DataDir)
	fmt.Fprintf(&b, "\n  Paste into Python:\n\n")
	for _, line := range []string{
		"import os, mlflow",
		fmt.Sprintf("os.environ[\"MLFLOW_TRACKING_USERNAME\"] = %q", name),
		shown,
		fmt.Sprintf("mlflow.set_tracking_uri(%q)", s.URL),
		"with mlflow.start_run():",
		"    mlflow.log_metric(\"hello\", 1)",
	} {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	fmt.Fprintf(&b, "\n  Ctrl-C stops it.\n\n")
	return b.String()
}

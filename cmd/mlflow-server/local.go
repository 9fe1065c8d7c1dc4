package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/config"
	"mlflow-server/internal/connect"
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
				o.Installing = progress.Position
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
	login := connect.Login{URL: s.URL, User: cfg.Users[0].Name}
	password := "the one in MLFLOW_TRACKING_PASSWORD"
	if name, ok := cfg.DefaultUser(); ok {
		// Only the default is printed: everybody knows it.
		login.User, login.Default, password = name, true, "mlflow"
	}
	fmt.Fprintf(&b, "\n  MLflow %s is ready (%s)\n\n", s.Runtime.MLflowVersion, s.Took.Round(100*time.Millisecond))
	fmt.Fprintf(&b, "  Address    %s\n", s.URL)
	fmt.Fprintf(&b, "  User       %s\n", login.User)
	fmt.Fprintf(&b, "  Password   %s\n", password)
	fmt.Fprintf(&b, "  Data       %s\n", cfg.DataDir)
	fmt.Fprintf(&b, "\n  Paste into Python:\n\n")
	for line := range strings.Lines(login.Python()) {
		fmt.Fprintf(&b, "    %s", line)
	}
	fmt.Fprintf(&b, "\n  Ctrl-C stops it.\n\n")
	return b.String()
}

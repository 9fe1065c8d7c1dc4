package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/config"
	"mlflow-server/internal/launcher"
	"mlflow-server/internal/provision"
)

func migrateCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "migrate",
		Usage: "bring the database's schema up to date, as Heroku's release phase does",
		Description: "Takes the same variables as \"serve\", which does the same when it starts. A lock in the database lets any " +
			"number of these run at once. A schema that is newer than this MLflow is refused and left alone.",
		Action: func(c *cli.Context) error {
			environ, cfg, err := config.Read(config.Serve, ".")
			if err != nil {
				return err
			}
			log := newLogger(c.App.ErrWriter, cfg.Dyno != "")
			err = launcher.Migrate(c.Context, launcher.Options{
				Config: cfg, Environ: environ, Log: log, Output: c.App.ErrWriter,
				Runtime: func(context.Context) (provision.Runtime, error) { return findRuntime() },
			})
			if err == nil {
				fmt.Fprintln(c.App.Writer, "The database's schema is up to date.")
			}
			return err
		},
	})
}

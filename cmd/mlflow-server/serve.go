package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/config"
	"mlflow-server/internal/launcher"
	"mlflow-server/internal/provision"
)

func serveCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "serve",
		Usage: "run the server that the environment describes",
		Description: "Listens at once and answers 503 until MLflow is ready. Downloads nothing: \"install\" puts MLflow in " +
			"place. Variables are read from the environment, then from .env in the current directory.\n\n" +
			variablesHelp(config.Serve),
		Action: func(c *cli.Context) error {
			find := func(context.Context) (provision.Runtime, error) { return findRuntime() }
			return serve(c, config.Serve, launcher.Options{Runtime: find}, nil)
		},
	})
}

// serve loads the configuration and runs the server: o says how to find MLflow. Everything that can be wrong is found
// before anything starts.
func serve(c *cli.Context, profile config.Profile, o launcher.Options, ready func(*config.Config, launcher.Started)) error {
	environ, cfg, err := config.Read(profile, ".")
	if err != nil {
		return err
	}
	if profile == config.Serve {
		runtime, err := o.Runtime(c.Context)
		if err == nil {
			err = launcher.CheckRuntime(cfg, runtime)
		}
		if err != nil {
			return err
		}
	}
	log := newLogger(c.App.ErrWriter, cfg.Dyno != "")
	if cfg.DefaultLogin {
		log.Warn("the login is the well-known default", "set", "MLFLOW_TRACKING_PASSWORD")
	}
	o.Config, o.Version, o.Environ, o.Log, o.Output, o.Stdout = cfg, version, environ, log, c.App.ErrWriter, c.App.Writer
	if ready != nil {
		o.Ready = func(s launcher.Started) { ready(cfg, s) }
	}
	return launcher.Run(c.Context, o)
}

// findRuntime returns the installed runtime, or says how to get one.
func findRuntime() (provision.Runtime, error) {
	exe, err := os.Executable()
	if err != nil {
		return provision.Runtime{}, fmt.Errorf("finding this program: %w", err)
	}
	r, err := provision.Find(exe)
	if errors.Is(err, provision.ErrNotInstalled) {
		return r, fmt.Errorf("MLflow is not installed; run \"mlflow-server install\" first (%w)", err)
	}
	return r, err
}

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/config"
)

// usageError is a command line that cannot be used.
type usageError struct{ error }

// newApp is the command line; each command is one file.
func newApp(stdout, stderr io.Writer) *cli.App {
	return &cli.App{
		Name:      "mlflow-server",
		Usage:     "MLflow behind a login",
		Version:   version,
		Writer:    stdout,
		ErrWriter: stderr,
		// Errors are printed once, by run; the library would exit on its own.
		ExitErrHandler:  func(*cli.Context, error) {},
		OnUsageError:    func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		HideVersion:     true,
		HideHelpCommand: true,
		Commands: []*cli.Command{
			serveCommand(), migrateCommand(), localCommand(), installCommand(), doctorCommand(), runCommand(), hashPasswordCommand(), tokenCommand(), clientCommand(), versionCommand(),
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usageError{fmt.Errorf("there is no command %q", c.Args().First())}
			}
			return cli.ShowAppHelp(c)
		},
	}
}

// command fills in what all commands have in common: no arguments, and errors that reach run.
func command(c *cli.Command) *cli.Command {
	action := c.Action
	c.HideHelpCommand = true
	c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usageError{err} }
	c.Action = func(ctx *cli.Context) error {
		if ctx.Args().Present() {
			return usageError{fmt.Errorf("%s takes no argument %q", c.Name, ctx.Args().First())}
		}
		return action(ctx)
	}
	return c
}

func printProblems(w io.Writer, problems config.Problems) {
	noun := "problem"
	if len(problems) > 1 {
		noun = "problems"
	}
	fmt.Fprintf(w, "mlflow-server: the configuration has %d %s:\n", len(problems), noun)
	for _, p := range problems {
		fmt.Fprintf(w, "  %s: %s\n", p.Variable, strings.ReplaceAll(p.Text, "\n", "\n    "))
	}
}

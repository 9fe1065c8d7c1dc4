package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/users"
)

func tokenCommand() *cli.Command {
	return &cli.Command{
		Name:            "token",
		Usage:           "make tokens, which stand for a user's password",
		HideHelpCommand: true,
		OnUsageError:    func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usageError{fmt.Errorf("token has no command %q, only new", c.Args().First())}
			}
			return cli.ShowSubcommandHelp(c)
		},
		Subcommands: []*cli.Command{newTokenCommand()},
	}
}

func newTokenCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "new",
		Usage: "make a token and the line that makes the server take it",
		Description: "Prints two lines. The first is for whoever is to sign in, in MLFLOW_TRACKING_TOKEN or in place of a password; " +
			"it is shown only now. The second is for the server: in MLFLOW_TOKENS, after a comma if there is one already. To " +
			"take a token back, remove its entry there and start the server again.",
		Flags: []cli.Flag{&cli.StringFlag{Name: "user", Value: "mlflow", Usage: "name of the user that the token stands for"}},
		Action: func(c *cli.Context) error {
			name := c.String("user")
			if name == "" || strings.Contains(name, ":") {
				return usageError{fmt.Errorf("--user is no user name: it is empty or holds a colon, which HTTP Basic does not allow")}
			}
			token, hash := users.NewToken()
			name = strings.ReplaceAll(name, ",", `\,`)
			fmt.Fprintf(c.App.Writer, "MLFLOW_TRACKING_TOKEN=%s\nMLFLOW_TOKENS=%s:%s\n", token, name, hash)
			return nil
		},
	})
}

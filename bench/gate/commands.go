package gate

import "github.com/urfave/cli/v2"

// Name is the measurement's on the command line.
const Name = "gate"

// Server is the hidden command by which the measurement starts the product's gate: "gate-server ADDRESS UPSTREAM".
func Server() *cli.Command {
	return &cli.Command{
		Name: "gate-server", Hidden: true,
		Action: func(c *cli.Context) error { return Serve(c.Context, c.Args().Get(0), c.Args().Get(1)) },
	}
}

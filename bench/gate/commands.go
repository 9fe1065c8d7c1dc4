package gate

import (
	"io"
	"time"

	"github.com/urfave/cli/v2"
)

// Name is the measurement's on the command line.
const Name = "gate"

// Server is the hidden command by which the measurement starts the product's gate: "gate-server ADDRESS UPSTREAM".
func Server() *cli.Command {
	return &cli.Command{
		Name: "gate-server", Hidden: true,
		Action: func(c *cli.Context) error { return Serve(c.Context, c.Args().Get(0), c.Args().Get(1)) },
	}
}

// ProfileCommand says what the gate spends its time on.
func ProfileCommand(stdout io.Writer) *cli.Command {
	window := &cli.DurationFlag{Name: "window", Value: 10 * time.Second, Usage: "for how long"}
	return &cli.Command{
		Name: "profile", Usage: "what the gate spends its processor time and allocations on; needs nginx", Flags: []cli.Flag{window},
		Action: func(c *cli.Context) error { return Profile(c.Context, c.Duration(window.Name), stdout) },
	}
}

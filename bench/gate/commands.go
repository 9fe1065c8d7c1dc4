package gate

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
)

// Commands are "gate", which measures, and "gate-server", which it starts.
func Commands(stdout, stderr io.Writer) []*cli.Command {
	var rounds, connections int
	var results string
	return []*cli.Command{
		{
			Name: "gate", Usage: "the gate alone, beside nginx and Caddy with passwords; needs nginx and openssl",
			Flags: []cli.Flag{
				&cli.IntFlag{Name: "rounds", Value: Full.Rounds, Destination: &rounds, Usage: "how often each is measured"},
				&cli.IntFlag{Name: "connections", Value: Full.Connections, Destination: &connections, Usage: "requests in flight"},
				&cli.StringFlag{Name: "results", Value: "bench/results", Destination: &results, Usage: "directory of results"},
			},
			Action: func(c *cli.Context) error {
				scale := Full
				scale.Rounds, scale.Connections = rounds, connections
				r, err := Measure(c.Context, scale, func(format string, args ...any) { fmt.Fprintf(stderr, format+"\n", args...) })
				if err != nil {
					return err
				}
				if _, err := r.Save(results); err != nil {
					return err
				}
				fmt.Fprintln(stdout, r.Markdown())
				return nil
			},
		},
		{
			Name: "gate-server", Hidden: true,
			Action: func(c *cli.Context) error { return Serve(c.Context, c.Args().Get(0), c.Args().Get(1)) },
		},
	}
}

package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"mlflow-server/bench/claim"
	"mlflow-server/bench/front"
	"mlflow-server/bench/gate"
	"mlflow-server/bench/lifecycle"
	"mlflow-server/bench/report"
	"mlflow-server/bench/result"
	"mlflow-server/bench/slug"
)

// options are the flags, which all commands have.
type options struct {
	database    string
	connections int
	results     string
	document    string
	readme      string
	peers       bool
	smoke       bool
}

func newApp(stdout, stderr io.Writer) *cli.App {
	var o options
	flags := []cli.Flag{
		&cli.StringFlag{Name: "database", Value: "postgresql", Destination: &o.database, Usage: "backend store: postgresql or sqlite"},
		&cli.IntFlag{Name: "connections", Destination: &o.connections, Usage: "requests in flight (default: 8)"},
		&cli.BoolFlag{Name: "peers", Value: true, Destination: &o.peers, Usage: "measure MLflow's own servers beside it"},
		&cli.BoolFlag{Name: "smoke", Destination: &o.smoke, Usage: "take seconds, to see that it works; the figures mean nothing"},
		&cli.StringFlag{Name: "results", Value: "bench/results", Destination: &o.results, Usage: "directory of results, one CLAIM.json each"},
		&cli.StringFlag{Name: "document", Value: "docs/performance.md", Destination: &o.document, Usage: "file of the report"},
		&cli.StringFlag{Name: "readme", Value: "README.md", Destination: &o.readme, Usage: "file that gets the short table"},
	}
	commands := []*cli.Command{
		{
			Name: "all", Usage: "every claim, then report", Flags: flags,
			Action: func(c *cli.Context) error {
				if err := measure(c.Context, o, claim.All, stdout, stderr); err != nil {
					return err
				}
				for _, a := range besides {
					if err := a.run(c.Context, o, stdout, stderr); err != nil {
						return err
					}
				}
				return report.Write(o.results, o.document, o.readme)
			},
		},
		{
			Name: "report", Usage: "write the report from the results of earlier runs", Flags: flags,
			Action: func(*cli.Context) error { return report.Write(o.results, o.document, o.readme) },
		},
		{
			Name: "install", Usage: "install what is measured, so that a measurement does not have to", Flags: flags,
			Action: func(c *cli.Context) error {
				say := progress(stderr)
				if _, _, err := install(c.Context, o, say); err != nil || !o.peers {
					return err
				}
				return front.Install(c.Context, say)
			},
		},
	}
	commands = append(commands, &cli.Command{
		Name: slug.Name, Usage: "time and size of a build for Heroku, then report; not part of all, since it fetches 700 MB", Flags: flags,
		Action: func(c *cli.Context) error {
			rounds := slug.Rounds
			if o.smoke {
				rounds = 1
			}
			r, err := slug.Measure(c.Context, rounds, progress(stderr))
			if err != nil {
				return err
			}
			if _, err := r.Save(o.results); err != nil {
				return err
			}
			fmt.Fprintln(stdout, r.Markdown())
			return report.Write(o.results, o.document, o.readme)
		},
	})
	commands = append(commands, lifecycle.Commands(flags, stdout, func(ctx context.Context, r result.Result) error {
		r.Versions = versions(ctx)
		if _, err := r.Save(o.results); err != nil {
			return err
		}
		fmt.Fprintln(stdout, r.Markdown())
		return report.Write(o.results, o.document, o.readme)
	})...)
	commands = append(commands, gate.Server(), profileCommand(stdout))
	commands = append(commands, commandsAlone(flags, &o, stdout, stderr)...)
	for _, one := range append(slices.Clone(claim.All), claim.FirstPage, claim.Choices) {
		commands = append(commands, &cli.Command{
			Name: one.Name, Usage: one.Usage, Flags: flags,
			Action: func(c *cli.Context) error { return measure(c.Context, o, []claim.Claim{one}, stdout, stderr) },
		})
	}
	return &cli.App{
		Name: "bench", Usage: "measure mlflow-server beside what one would run instead",
		Writer: stdout, ErrWriter: stderr, Commands: commands, HideHelpCommand: true,
		ExitErrHandler: func(*cli.Context, error) {}, // main prints errors
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return fmt.Errorf("there is no command %q", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
}

package artifacts

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"mlflow-server/bench/result"
)

// Commands are this package's on the command line. versions are asked for when a measurement starts.
func Commands(stdout, stderr io.Writer, versions func(context.Context) map[string]string) []*cli.Command {
	var short bool
	var results string
	flags := []cli.Flag{
		&cli.BoolFlag{Name: "short", Destination: &short, Usage: "less of everything, to look at a change"},
		&cli.StringFlag{Name: "results", Value: "bench/results", Destination: &results, Usage: "directory of results"},
	}
	command := func(name, usage string, measure func(context.Context, Scale, map[string]string, func(string)) (result.Result, error)) *cli.Command {
		return &cli.Command{Name: name, Usage: usage, Flags: flags, Action: func(c *cli.Context) error {
			scale, began := Full, time.Now()
			if short {
				scale = Short
			}
			r, err := measure(c.Context, scale, versions(c.Context), func(line string) { fmt.Fprintf(stderr, "%5.0fs  %s\n", time.Since(began).Seconds(), line) })
			if err != nil {
				return err
			}
			if _, err := r.Save(results); err != nil {
				return err
			}
			fmt.Fprintln(stdout, r.Markdown())
			return nil
		}}
	}
	return []*cli.Command{
		command(Name, "files up and down, beside MLflow's own proxy and the aws command", Measure),
		command(APIName, "the API while files are uploaded", MeasureAPI),
	}
}

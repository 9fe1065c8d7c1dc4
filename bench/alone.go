package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"mlflow-server/bench/artifacts"
	"mlflow-server/bench/attacks"
	"mlflow-server/bench/fasttrack"
	"mlflow-server/bench/gate"
	"mlflow-server/bench/report"
	"mlflow-server/bench/result"
)

// alone is a measurement that starts everything it needs by itself. smoke takes seconds.
type alone struct {
	name, usage string
	measure     func(ctx context.Context, smoke bool, versions map[string]string, say func(string)) (result.Result, error)
}

// besides are those that stand beside the claims.
var besides = []alone{
	{fasttrack.Name, "the calls of training loops with native tracking on and off, beside MLflow's own server and pgbench",
		func(ctx context.Context, smoke bool, versions map[string]string, say func(string)) (result.Result, error) {
			return fasttrack.Measure(ctx, pick(smoke, fasttrack.Smoke, fasttrack.Full), versions, say)
		}},
	{gate.Name, "the gate alone, beside nginx and Caddy with passwords",
		func(ctx context.Context, smoke bool, versions map[string]string, say func(string)) (result.Result, error) {
			return gate.Measure(ctx, pick(smoke, gate.Smoke, gate.Full), versions, say)
		}},
	{artifacts.Name, "files up and down, beside MLflow's own proxy and the aws command",
		func(ctx context.Context, smoke bool, versions map[string]string, say func(string)) (result.Result, error) {
			return artifacts.Measure(ctx, pick(smoke, artifacts.Smoke, artifacts.Full), versions, say)
		}},
	{artifacts.APIName, "the API while files are uploaded",
		func(ctx context.Context, smoke bool, versions map[string]string, say func(string)) (result.Result, error) {
			return artifacts.MeasureAPI(ctx, pick(smoke, artifacts.Smoke, artifacts.Full), versions, say)
		}},
	{attacks.Name, "users' answers while passwords are guessed and connections held open, and what the time of a login tells",
		func(ctx context.Context, smoke bool, versions map[string]string, say func(string)) (result.Result, error) {
			return attacks.Measure(ctx, pick(smoke, attacks.Smoke, attacks.Full), versions, say)
		}},
}

// longAlone is not part of all.
var longAlone = alone{fasttrack.SweepName, "50 Python clients that log 1,000 steps each, beside MLflow's own server; not part of all, since that takes MLflow eight minutes",
	func(ctx context.Context, smoke bool, versions map[string]string, say func(string)) (result.Result, error) {
		return fasttrack.MeasureSweep(ctx, pick(smoke, fasttrack.Smoke, fasttrack.FullSweep), versions, say)
	}}

func pick[T any](smoke bool, small, full T) T {
	if smoke {
		return small
	}
	return full
}

// run measures, saves, and prints the table.
func (a alone) run(ctx context.Context, o options, stdout, stderr io.Writer) error {
	say := progress(stderr)
	began := time.Now()
	r, err := a.measure(ctx, o.smoke, versions(ctx), say)
	if err != nil {
		return fmt.Errorf("measuring %s: %w", a.name, err)
	}
	name, err := r.Save(o.results)
	if err != nil {
		return err
	}
	say(fmt.Sprintf("saved %s after %v", name, time.Since(began).Round(time.Second)))
	fmt.Fprintln(stdout, r.Markdown())
	return nil
}

// commandsAlone are their commands.
func commandsAlone(flags []cli.Flag, o *options, stdout, stderr io.Writer) (commands []*cli.Command) {
	for _, a := range append(slices.Clone(besides), longAlone) {
		commands = append(commands, &cli.Command{Name: a.name, Usage: a.usage, Flags: flags, Action: func(c *cli.Context) error {
			if err := a.run(c.Context, *o, stdout, stderr); err != nil {
				return err
			}
			return report.Write(o.results, o.document, o.readme)
		}})
	}
	return commands
}

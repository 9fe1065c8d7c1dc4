package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"mlflow-server/bench/artifacts"
	"mlflow-server/bench/gate"
)

// profileCommand says what the launcher spends its time on.
func profileCommand(stdout io.Writer) *cli.Command {
	var window time.Duration
	var gigabytes, lines int
	return &cli.Command{
		Name: "profile", Usage: "what the launcher spends its processor time and allocations on, under each kind of load; needs nginx",
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "window", Value: 10 * time.Second, Destination: &window, Usage: "for how long requests are sent"},
			&cli.IntFlag{Name: "gigabytes", Value: 4, Destination: &gigabytes, Usage: "how much goes up, and down"},
			&cli.IntFlag{Name: "lines", Value: 40, Destination: &lines, Usage: "of each profile"},
		},
		Action: func(c *cli.Context) error {
			show := func(title, cpu, allocs string) error {
				return showProfiles(c.Context, stdout, lines, title, cpu, allocs)
			}
			return errors.Join(gate.Profile(c.Context, window, show), artifacts.Profile(c.Context, int64(gigabytes)<<30, show))
		},
	}
}

// showProfiles prints the functions that cost most, of the processor's time with and without what they call.
func showProfiles(ctx context.Context, out io.Writer, lines int, title, cpu, allocs string) error {
	for _, p := range []struct {
		what  string
		flags []string
	}{
		{"processor time, with what is called", []string{"-cum", cpu}},
		{"processor time of a function alone", []string{cpu}},
		{"bytes allocated", []string{"-sample_index=alloc_space", allocs}},
	} {
		fmt.Fprintf(out, "\n%s: %s\n", title, p.what)
		cmd := exec.CommandContext(ctx, "go", append([]string{"tool", "pprof", "-top", fmt.Sprintf("-nodecount=%d", lines)}, p.flags...)...)
		cmd.Stdout, cmd.Dir = out, filepath.Dir(cpu)
		cmd.Env = append(os.Environ(), "PPROF_TMPDIR="+filepath.Dir(cpu))
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("reading a profile: %w", err)
		}
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"mlflow-server/bench/claim"
	"mlflow-server/bench/database"
	"mlflow-server/bench/peer"
	"mlflow-server/bench/subject"
	"mlflow-server/internal/provision"
)

// progress prints a line for each thing that is done.
func progress(w io.Writer) func(string) {
	began := time.Now()
	return func(line string) { fmt.Fprintf(w, "%5.0fs  %s\n", time.Since(began).Seconds(), line) }
}

// steps is an installation's progress in the same form.
type steps struct {
	provision.Silent
	say func(string)
}

func (s steps) Started(step string) { s.say(step) }

// install gets the runtime and, if asked for, the MLflow to compare with.
func install(ctx context.Context, o options, say func(string)) (provision.Runtime, *peer.MLflow, error) {
	found, err := provision.Find("")
	if errors.Is(err, provision.ErrNotInstalled) {
		found, err = provision.Install(ctx, provision.Options{Progress: steps{say: say}})
	}
	if err != nil || !o.peers {
		return found, nil, err
	}
	mlflow, err := peer.Install(ctx, found, say)
	return found, &mlflow, err
}

// measure runs claims, prints their tables and saves their results.
func measure(ctx context.Context, o options, claims []claim.Claim, stdout, stderr io.Writer) (err error) {
	say := progress(stderr)
	installed, mlflow, err := install(ctx, o, say)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mlflow-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// PostgreSQL, which does not run as root, passes through.
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // passed through, not listed
		return err
	}
	say("building mlflow-server")
	product, err := subject.Build(ctx, dir)
	if err != nil {
		return err
	}
	store, err := open(ctx, o, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	b := &claim.Bench{
		Product: product, Runtime: installed, Peer: mlflow, Store: store, Scale: claim.Full, Dir: dir, Progress: say,
		Versions: versionsOf(ctx, installed),
	}
	if o.smoke {
		b.Scale = claim.Smoke
	}
	if o.connections > 0 {
		b.Scale.Connections = o.connections
	}
	for _, c := range claims {
		say("measuring " + c.Name)
		r, err := b.Measure(ctx, c)
		if err != nil {
			return err
		}
		name, err := r.Save(o.results)
		if err != nil {
			return err
		}
		say("saved " + name)
		fmt.Fprintln(stdout, r.Markdown())
	}
	return nil
}

// versions are those of what is measured, as far as it is installed.
func versions(ctx context.Context) map[string]string {
	found, _ := provision.Find("") // a measurement without it says so itself
	return versionsOf(ctx, found)
}

func versionsOf(ctx context.Context, r provision.Runtime) map[string]string {
	return map[string]string{
		"mlflow-server": revision(ctx), "Go": strings.TrimPrefix(runtime.Version(), "go"),
		"Python": r.PythonVersion, "MLflow": r.MLflowVersion,
	}
}

func open(ctx context.Context, o options, dir string) (database.Store, error) {
	switch o.database {
	case "sqlite":
		return database.SQLite(dir), nil
	case "postgresql":
		return database.Postgres(ctx, dir)
	default:
		return nil, fmt.Errorf("there is no database %q: postgresql or sqlite", o.database)
	}
}

// revision is the commit that is measured, marked when files differ from it.
func revision(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "of no known commit"
	}
	return strings.TrimSpace(string(out))
}

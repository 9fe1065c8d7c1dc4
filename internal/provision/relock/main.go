// Command relock renews what internal/provision pins. It is what "go generate ./internal/provision" runs.
//
// Without flags it compiles lock/requirements.in anew and keeps every version that still fits. With -upgrade it takes the
// newest versions, with -uv VERSION it pins another uv, with -go VERSION another Go for bin/compile. It needs the Python
// package index, and for -uv and -go also the hosts of their releases.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"mlflow-server/internal/provision"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "relock:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("relock", flag.ContinueOnError)
	upgrade := flags.Bool("upgrade", false, "take the newest versions instead of keeping those of the lock")
	newUV := flags.String("uv", "", "pin this `version` of uv")
	newGo := flags.String("go", "", "pin this `version` of Go in buildpack/toolchain.txt")
	dir := flags.String("dir", "", "the provision package's `directory` (default: the working directory or internal/provision in it)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := packageDir(*dir)
	if err != nil {
		return err
	}
	if *newUV != "" {
		if err := pinUV(ctx, filepath.Join(root, "pins.json"), *newUV); err != nil {
			return err
		}
	}
	if *newGo != "" {
		if err := pinGo(ctx, filepath.Join(root, "..", "..", "buildpack", "toolchain.txt"), goURL, *newGo); err != nil {
			return err
		}
	}
	pins, err := readPins(filepath.Join(root, "pins.json"))
	if err != nil {
		return err
	}
	uv, version, err := provision.FindUV(ctx, provision.Options{Progress: provision.ProgressFor(os.Stderr)})
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "using uv", version)
	return compileAll(ctx, uv, filepath.Join(root, "lock"), pins, *upgrade)
}

func packageDir(dir string) (string, error) {
	for _, d := range []string{dir, ".", filepath.Join("internal", "provision")} {
		if _, err := os.Stat(filepath.Join(d, "pins.json")); d != "" && err == nil {
			return filepath.Abs(d)
		}
	}
	return "", fmt.Errorf("no pins.json here: run it in the repository's root, or give -dir")
}

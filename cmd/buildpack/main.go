// Command buildpack is the buildpack's program: bin/compile builds it and runs it, on the machine that builds a slug.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"mlflow-server/buildpack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `usage: buildpack detect BUILD_DIR
       buildpack compile [-only runtime] -buildpack DIR -go FILE BUILD_DIR CACHE_DIR ENV_DIR
       buildpack release BUILD_DIR
       buildpack report BUILD_DIR CACHE_DIR [ENV_DIR]
`

// run is the program: it returns the exit code, 1 for a failure that was printed, 2 for a command line that cannot be used.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("buildpack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	source, goFile := flags.String("buildpack", ".", ""), flags.String("go", "go", "")
	only := flags.String("only", "", "")
	if len(args) == 0 {
		flags.Usage()
		return 2
	}
	if err := flags.Parse(args[1:]); err != nil {
		return 2
	}
	var text string
	var err error
	switch rest := flags.Args(); {
	case args[0] == "detect" && len(rest) == 1:
		if _, err = buildpack.Detect(rest[0]); err == nil {
			text = buildpack.Name + "\n"
		}
	case args[0] == "compile" && len(rest) == 3 && (*only == "" || *only == "runtime"):
		return compile(ctx, buildpack.Build{
			App: rest[0], Cache: rest[1], Source: *source, Go: *goFile, Environ: os.Environ(), Log: stdout, OnlyRuntime: *only != "",
		}, rest[2], stderr)
	case args[0] == "release" && len(rest) == 1:
		text, err = buildpack.Release(rest[0])
	case args[0] == "report" && (len(rest) == 2 || len(rest) == 3):
		text, err = buildpack.Report(rest[0], rest[1])
	default:
		flags.Usage()
		return 2
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	fmt.Fprint(stdout, text)
	return 0
}

func compile(ctx context.Context, b buildpack.Build, env string, stderr io.Writer) int {
	var err error
	if b.Settings, err = buildpack.ReadSettings(env); err == nil {
		err = buildpack.Compile(ctx, b)
	}
	if err == nil {
		return 0
	}
	failure := &buildpack.Failure{}
	if !errors.As(err, &failure) {
		failure = &buildpack.Failure{Headline: "The build failed.", Lines: []string{err.Error()}}
	}
	failure.Print(stderr, b.Settings, os.Getenv("NO_COLOR") == "")
	return 1
}

// Command mlflow-server runs MLflow behind a login: on Heroku, on AWS and on a laptop.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"mlflow-server/internal/config"
)

func main() {
	os.Exit(run(context.Background(), os.Args, os.Stdout, os.Stderr))
}

// run is the program: it returns the exit code, 0 for success, 2 for a command line or a configuration that cannot be
// used, 1 for everything else. It is the one place where an error is printed.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := newApp(stdout, stderr).RunContext(ctx, args)
	var problems config.Problems
	var usage usageError
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &problems):
		printProblems(stderr, problems)
		return 2
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "mlflow-server: %v\nTry \"mlflow-server --help\".\n", err)
		return 2
	default:
		fmt.Fprintf(stderr, "mlflow-server: %v\n", err)
		return 1
	}
}

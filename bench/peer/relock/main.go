// Command relock compiles lock/requirements.txt anew. "go generate ./bench/peer" runs it, after "go generate
// ./internal/provision" has renewed the lock that it follows.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"

	"mlflow-server/internal/provision"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := compile(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "relock:", err)
		os.Exit(1)
	}
}

// compile runs in the directory of package peer, as go generate does.
func compile(ctx context.Context) error {
	uv, _, err := provision.FindUV(ctx, provision.Options{})
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, uv, "pip", "compile", "--quiet", "--universal",
		"--python-version", provision.DefaultPins().Python.Minimum, "--no-python-downloads",
		// With hashes, so that an index can serve nothing else; without its address, which is each user's own.
		"--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate",
		"--constraint", "../../../internal/provision/lock/requirements.txt",
		"--custom-compile-command", "go generate ./bench/peer", "--output-file", "requirements.txt", "requirements.in")
	cmd.Dir, cmd.Stderr = "lock", os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("compiling requirements.txt: %w", err)
	}
	return nil
}

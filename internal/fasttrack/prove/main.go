// Command prove records the MLflow of the lock and the revision of its schema as proven, and runs the differential proof with
// them; a proof that fails takes the record back. Run it in the repository, with the runtime installed:
//
//	go run ./internal/fasttrack/prove
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"

	"mlflow-server/internal/provision"
)

// record is where the result stands, seen from the repository's root.
const record = "internal/fasttrack/proven.txt"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := prove(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		os.Exit(1)
	}
}

func prove(ctx context.Context) error {
	before, err := os.ReadFile(record)
	if err != nil {
		return fmt.Errorf("reading what was proven last, from the repository's root: %w", err)
	}
	runtime, err := provision.Find("")
	if err != nil {
		return fmt.Errorf("finding MLflow: %w", err)
	}
	if !runtime.Locked {
		return fmt.Errorf("the MLflow that is installed (%s) is not the lock's", runtime.MLflowVersion)
	}
	revision, err := head(filepath.Join(runtime.SitePackages, "mlflow", "store", "db_migrations", "versions"))
	if err != nil {
		return err
	}
	now := runtime.MLflowVersion + " " + revision + "\n"
	fmt.Printf("MLflow and its schema: %s", now)
	if err := os.WriteFile(record, []byte(now), 0o644); err != nil { //nolint:gosec // a source file
		return err
	}
	test := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-timeout", "180m", "./e2e/fasttrack")
	test.Env = append(os.Environ(), "LONG=true", "CI=true")
	test.Stdout, test.Stderr = os.Stdout, os.Stderr
	if err := test.Run(); err != nil {
		return errors.Join(fmt.Errorf("the proof failed, and nothing is recorded: %w", err), os.WriteFile(record, before, 0o644)) //nolint:gosec // as above
	}
	return nil
}

var (
	ownRevision  = regexp.MustCompile(`(?m)^revision(?:: str)? = ["']([0-9a-f]+)["']`)
	lastRevision = regexp.MustCompile(`(?m)^down_revision(?:: [^=]+)? = ["']([0-9a-f]+)["']`)
)

// head is the revision of Alembic's migrations in a directory that no other one follows.
func head(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.py"))
	if err != nil {
		return "", err
	}
	var own, followed []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if found := ownRevision.FindSubmatch(text); found != nil {
			own = append(own, string(found[1]))
		}
		if found := lastRevision.FindSubmatch(text); found != nil {
			followed = append(followed, string(found[1]))
		}
	}
	own = slices.DeleteFunc(own, func(r string) bool { return slices.Contains(followed, r) })
	if len(own) != 1 {
		return "", fmt.Errorf("the migrations in %s have %d ends", dir, len(own))
	}
	return own[0], nil
}

package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"mlflow-server/internal/provision"
)

// Runtime returns the locked MLflow runtime from the user's cache, installing it there if it is missing: that needs the network and
// takes minutes, once.
func Runtime(t testing.TB) provision.Runtime {
	t.Helper()
	found, err := installed()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var installed = sync.OnceValues(func() (provision.Runtime, error) {
	found, err := provision.Find("")
	if !errors.Is(err, provision.ErrNotInstalled) {
		return found, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	found, err = provision.Install(ctx, provision.Options{Progress: steps{}})
	if err != nil {
		return found, fmt.Errorf("installing the runtime for the tests: %w", err)
	}
	return found, nil
})

// steps prints what an installation is doing, because a test that is silent for minutes looks dead.
type steps struct{ provision.Silent }

func (steps) Started(step string) { fmt.Fprintln(os.Stderr, "runtime for the tests:", step) }

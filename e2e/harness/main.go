// Package harness runs the product as its users do: the real binary, the real MLflow client, real databases. Every end-to-end
// package has a TestMain that calls Main.
package harness

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// Main runs a package's tests, then stops and removes what its tests shared (the binary, database servers). Call it from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if err := shared.close(); err != nil {
		fmt.Fprintln(os.Stderr, "cleaning up after the tests:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// shared is what lives as long as the test process.
var shared cleanups

type cleanups struct {
	mu    sync.Mutex
	steps []func() error
}

func (c *cleanups) add(step func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.steps = append(c.steps, step)
}

// close undoes everything in reverse order and returns the first error.
func (c *cleanups) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var first error
	for i := len(c.steps) - 1; i >= 0; i-- {
		if err := c.steps[i](); err != nil && first == nil {
			first = err
		}
	}
	c.steps = nil
	return first
}

// scratch makes a directory that every user of this machine may pass through, since database servers refuse to run as root. It goes
// away with the test process.
func scratch(pattern string) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	if err != nil {
		return "", err
	}
	shared.add(func() error { return os.RemoveAll(dir) })
	return dir, os.Chmod(dir, 0o711) // passed through, not listed
}

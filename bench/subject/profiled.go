package subject

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"mlflow-server/bench/process"
)

// profiler is one more file of the program: it takes profiles between two signals.
//
//go:embed profiler.go.txt
var profiler []byte

// The files that the profiler writes into the program's temporary directory.
const (
	cpuProfile    = "cpu.pprof"
	allocsProfile = "allocs.pprof"
)

// BuildProfiled builds this project's server with a profiler in it, which the one that people run has not.
func BuildProfiled(ctx context.Context, dir string) (Product, error) {
	fail := func(err error) (Product, error) {
		return Product{}, fmt.Errorf("building mlflow-server with a profiler: %w", err)
	}
	found, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "mlflow-server/cmd/mlflow-server").Output()
	if err != nil {
		return fail(err)
	}
	source := filepath.Join(dir, "profiler.go")
	if err := os.WriteFile(source, profiler, 0o600); err != nil {
		return fail(err)
	}
	p, err := buildReplaced(ctx, dir, "mlflow-server-profiled", map[string]string{filepath.Join(strings.TrimSpace(string(found)), "profiler.go"): source})
	if err != nil {
		return fail(err)
	}
	return p, nil
}

// Profile takes profiles of a program of BuildProfiled, whose temporary directory is dir, while do runs. It returns the
// names of the files.
func Profile(r *process.Running, dir string, do func() error) (cpu, allocs string, err error) {
	cpu, allocs = filepath.Join(dir, cpuProfile), filepath.Join(dir, allocsProfile)
	if err := syscall.Kill(r.PID(), syscall.SIGUSR1); err != nil {
		return "", "", fmt.Errorf("beginning a profile: %w", err)
	}
	if err := do(); err != nil {
		return "", "", err
	}
	if err := syscall.Kill(r.PID(), syscall.SIGUSR2); err != nil {
		return "", "", fmt.Errorf("ending a profile: %w", err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(allocs); err == nil { // written last, by its name when it is complete
			return cpu, allocs, nil
		} else if time.Now().After(deadline) {
			return "", "", fmt.Errorf("waiting for a profile: %w", err)
		}
	}
}

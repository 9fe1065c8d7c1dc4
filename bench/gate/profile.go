package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"mlflow-server/bench/load"
)

// profileVariable names the directory to which a gate that is started writes its profiles when it ends.
const profileVariable = "BENCH_GATE_PROFILE"

// profiled runs serve, and writes where its time and its allocations went into the directory, if there is one.
func profiled(dir string, serve func() error) (err error) {
	if dir == "" {
		return serve()
	}
	cpu, err := os.Create(filepath.Join(dir, "cpu.pprof"))
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return err
	}
	served := serve()
	pprof.StopCPUProfile()
	memory, err := os.Create(filepath.Join(dir, "allocs.pprof"))
	if err != nil {
		return err
	}
	return errors.Join(served, cpu.Close(), pprof.Lookup("allocs").WriteTo(memory, 0), memory.Close())
}

// Profile prints what the gate spends its processor time and its allocations on, under the load of Measure. It needs
// nginx and the go command.
func Profile(ctx context.Context, window time.Duration, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "bench-gate-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{dir: dir, profile: true}
	defer func() {
		for _, p := range b.all {
			err = errors.Join(err, p.Stop())
		}
	}()
	null, err := b.nginx("upstream", "return 200 OK;")
	if err != nil {
		return err
	}
	b.upstream = null.load.Addresses[0]
	s, err := b.ours("gate", password)
	if err != nil {
		return err
	}
	if err := errors.Join(null.ready(ctx), s.ready(ctx)); err != nil {
		return err
	}
	got, err := load.Run(ctx, s.load, load.Options{Connections: Full.Connections, Window: window},
		func(int) load.Request { return load.Request{Method: "GET", Path: path} })
	if err != nil {
		return err
	}
	if err := s.running.Stop(); err != nil {
		return err
	}
	b.all = b.all[:1]
	fmt.Fprintf(out, "%d requests, %.0f a second, %d failed\n", got.Requests, got.PerSecond(), got.Failed)
	for _, kind := range [][]string{
		{"-top", "-cum", "-nodecount=70", filepath.Join(dir, "cpu.pprof")},
		{"-top", "-nodecount=30", filepath.Join(dir, "cpu.pprof")},
		{"-sample_index=alloc_space", "-top", "-nodecount=30", filepath.Join(dir, "allocs.pprof")},
	} {
		cmd := exec.CommandContext(ctx, "go", append([]string{"tool", "pprof"}, kind...)...)
		cmd.Stdout = out
		fmt.Fprintf(out, "\n%s\n", strings.Join(kind[:len(kind)-1], " "))
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("reading the profile: %w", err)
		}
	}
	return nil
}

package gate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"mlflow-server/bench/load"
)

// profileVariable names the directory to which a gate that is started writes its profiles when it ends.
const profileVariable = "BENCH_GATE_PROFILE"

const cpuFile, allocsFile = "cpu.pprof", "allocs.pprof"

// profiled runs serve, and writes where its time and its allocations went into the directory, if there is one.
func profiled(dir string, serve func() error) (err error) {
	if dir == "" {
		return serve()
	}
	cpu, err := os.Create(filepath.Join(dir, cpuFile))
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return err
	}
	served := serve()
	pprof.StopCPUProfile()
	memory, err := os.Create(filepath.Join(dir, allocsFile))
	if err != nil {
		return err
	}
	return errors.Join(served, cpu.Close(), pprof.Lookup("allocs").WriteTo(memory, 0), memory.Close())
}

// Profile takes profiles of the gate under the load of Measure and hands the files to show. It needs nginx.
func Profile(ctx context.Context, window time.Duration, show func(title, cpu, allocs string) error) (err error) {
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
	if err := b.null(ctx); err != nil {
		return err
	}
	s, err := b.ours("gate", password)
	if err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil {
		return err
	}
	got, err := load.Run(ctx, s.load, load.Options{Connections: Full.Connections, Window: window},
		func(int) load.Request { return load.Request{Method: "GET", Path: path} })
	if err != nil {
		return err
	}
	b.all = b.all[:1]
	if err := s.running.Stop(); err != nil { // which writes them
		return err
	}
	return show(fmt.Sprintf("%d requests with a login", got.Requests), filepath.Join(dir, cpuFile), filepath.Join(dir, allocsFile))
}

// Package subject starts what is measured: this project's server, and those that it is compared with.
package subject

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
)

// Options are what all subjects have in common.
type Options struct {
	// Dir is empty and the subject's own: its data, its temporary files and its log are in it.
	Dir string
	// Database is the backend store's SQLAlchemy URI.
	Database string
	// Workers is how many processes answer requests.
	Workers int
	// Environ is added to the subject's environment.
	Environ []string
}

// Server is a subject that runs.
type Server struct {
	*process.Running
	// Load is how requests reach it.
	Load load.Server

	dir string
}

func start(o Options, port int, user, password, program string, args, environ []string) (*Server, error) {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	running, err := process.Start(process.Command{
		Program: program, Args: args, Env: append(environ, o.Environ...), Dir: o.Dir, Log: filepath.Join(o.Dir, "log"),
	})
	if err != nil {
		return nil, err
	}
	return &Server{
		Running: running, dir: o.Dir,
		Load: load.Server{Name: filepath.Base(program), Addresses: []string{address}, Host: address, User: user, Password: password},
	}, nil
}

// environment is nobody's own: the search path, a home in the subject's directory, and what is given.
func environment(dir string, given ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "MLFLOW_DISABLE_TELEMETRY=true",
	}, given...)
}

// bootTime is how long a start may take on a slow and shared machine.
const bootTime = 10 * time.Minute

// Bound waits until the port is open and returns the time from the start.
func (s *Server) Bound(ctx context.Context) (time.Duration, error) {
	return s.await(ctx, time.Millisecond, func() error {
		c, err := net.DialTimeout("tcp", s.Load.Addresses[0], time.Second)
		if err == nil {
			_ = c.Close()
		}
		return err
	})
}

// Ready waits until a request that needs the database is answered with 200 and returns the time from the start.
func (s *Server) Ready(ctx context.Context) (time.Duration, error) {
	return s.await(ctx, 10*time.Millisecond, func() error {
		_, err := load.Do(ctx, s.Load, SearchExperiments(1))
		return err
	})
}

// SearchExperiments asks for a page of at most so many experiments: the first thing that the UI and most clients do.
func SearchExperiments(max int) load.Request {
	return load.Request{Method: "POST", Path: "/api/2.0/mlflow/experiments/search", Body: fmt.Sprintf(`{"max_results": %d}`, max)}
}

func (s *Server) await(ctx context.Context, pause time.Duration, try func() error) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, bootTime)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return time.Since(s.Started), nil
		}
		select {
		case <-s.Done():
			return 0, s.Ended()
		case <-ctx.Done():
			return 0, fmt.Errorf("waiting for a start: %w (%w); the end of its log:\n%s", context.Cause(ctx), err, s.Tail(30))
		case <-time.After(pause):
		}
	}
}

// Stop ends the server with all its processes and what MLflow leaves in shared memory.
func (s *Server) Stop() error {
	left := s.sharedMemory()
	err := s.Running.Stop()
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// sharedMemory finds the directories that MLflow makes for its job queues outside of any temporary directory and never
// removes (mlflow/server/__init__.py): its processes have the name in their environment.
func (s *Server) sharedMemory() []string {
	tree, err := process.Tree(s.PID())
	if err != nil {
		return nil
	}
	for _, p := range tree {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.PID))
		if err != nil {
			continue
		}
		for pair := range strings.SplitSeq(string(raw), "\x00") {
			if dir, ok := strings.CutPrefix(pair, "_MLFLOW_HUEY_STORAGE_PATH="); ok && filepath.Dir(dir) == "/dev/shm" {
				return []string{dir}
			}
		}
	}
	return nil
}

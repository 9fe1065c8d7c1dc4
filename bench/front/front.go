// Package front starts what one would put before MLflow instead of this project's gate: nginx or Caddy with a list of
// users.
package front

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
)

// Options are what all fronts have in common.
type Options struct {
	// Dir holds its files, each with Name in its name, and has to be there.
	Dir, Name string
	// Upstreams are "host:port" or the paths of unix sockets.
	Upstreams []string
	// Users is a file of users in htpasswd format; without one everybody may come in. Caddy reads it when it starts, nginx
	// for every request.
	Users string
}

// Front is a server that runs in front of another. It logs every request into a file.
type Front struct {
	*process.Running
	// Address is "127.0.0.1:port".
	Address string
}

// start starts a program on a free port; configure writes its configuration for that address and returns its arguments.
func start(o Options, program string, configure func(address string) ([]string, error)) (*Front, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	args, err := configure(address)
	if err != nil {
		return nil, fmt.Errorf("configuring %s: %w", o.Name, err)
	}
	running, err := process.Start(process.Command{
		Program: program, Args: args, Dir: o.Dir, Log: o.file("log"), Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + o.Dir},
	})
	if err != nil {
		return nil, err
	}
	return &Front{Running: running, Address: address}, nil
}

// Load is how a user reaches what is behind it. The Host is one that MLflow takes.
func (f *Front) Load(user, password string) load.Server {
	return load.Server{Addresses: []string{f.Address}, Host: "127.0.0.1", User: user, Password: password}
}

// Ready waits until a request is answered with 200.
func (f *Front) Ready(ctx context.Context, s load.Server, r load.Request) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		_, err := load.Do(ctx, s, r)
		if err == nil {
			return nil
		}
		select {
		case <-f.Done():
			return f.Ended()
		case <-ctx.Done():
			return fmt.Errorf("waiting for a start: %w; the end of its log:\n%s", err, f.Tail(20))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// file is the name of a file of its own.
func (o Options) file(kind string) string {
	return filepath.Join(o.Dir, strings.NewReplacer(" ", "-", ",", "").Replace(o.Name)+"."+kind)
}

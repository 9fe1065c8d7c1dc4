package subject

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
)

// Product is this project's server.
type Product struct {
	// Binary is the built program.
	Binary string
	// Environ is what it is told besides.
	Environ []string
}

// Build builds it into dir.
func Build(ctx context.Context, dir string) (Product, error) {
	p := Product{Binary: filepath.Join(dir, "mlflow-server")}
	out, err := exec.CommandContext(ctx, "go", "build", "-o", p.Binary, "mlflow-server/cmd/mlflow-server").CombinedOutput()
	if err != nil {
		return p, fmt.Errorf("building mlflow-server: %w\n%s", err, out)
	}
	return p, nil
}

// WithoutNative is the same with MLflow answering every call: native tracking is off.
func (p Product) WithoutNative() Product {
	p.Environ = append(slices.Clone(p.Environ), "MLFLOW_NATIVE_TRACKING=false")
	return p
}

// Start starts it as a deployment does, with one user.
func (p Product) Start(o Options) (*Server, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir() // the runtime is there
	if err != nil {
		return nil, err
	}
	user, password := "bench", rand.Text()
	return start(o, port, user, password, p.Binary, []string{"serve"}, append(environment(o.Dir,
		"XDG_CACHE_HOME="+cache,
		"MLFLOW_HOST=127.0.0.1", "PORT="+strconv.Itoa(port),
		"MLFLOW_TRACKING_USERNAME="+user, "MLFLOW_TRACKING_PASSWORD="+password,
		"MLFLOW_BACKEND_URI="+o.Database, "MLFLOW_DATA_DIR="+o.Dir, "MLFLOW_ARTIFACT_URI="+filepath.Join(o.Dir, "artifacts"),
		"WEB_CONCURRENCY="+strconv.Itoa(o.Workers),
	), p.Environ...))
}

// Direct is the same server without its gate: MLflow's workers on their unix sockets, as internal/tracking makes them in
// the temporary directory. Host is the name that the gate uses; MLflow refuses others.
func Direct(s *Server) (load.Server, error) {
	sockets, err := filepath.Glob(filepath.Join(s.dir, "mlflow-server-*", "w*.sock"))
	if err != nil {
		return load.Server{}, err
	}
	if len(sockets) == 0 {
		return load.Server{}, fmt.Errorf("no socket of a worker found in %s", s.dir)
	}
	return load.Server{Addresses: sockets, Host: "127.0.0.1"}, nil
}

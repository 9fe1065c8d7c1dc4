package launcher

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"mlflow-server/internal/artifacts"
	"mlflow-server/internal/fasttrack"
	"mlflow-server/internal/gate"
	"mlflow-server/internal/metrics"
	"mlflow-server/internal/provision"
	"mlflow-server/internal/sizing"
	"mlflow-server/internal/status"
	"mlflow-server/internal/tracking"
)

// pages are what signed-in users can read about the server: /-/, /-/status and /-/metrics.
func pages(o Options, mlflow *upstream, rooms []gate.Room, native *fasttrack.Room, requests *metrics.Requests, seen *gate.Seen, start time.Time) []gate.Page {
	limit, _ := sizing.MemoryLimit()
	about := &status.Page{
		Version: o.Version, MLflow: mlflow.version, Started: start,
		MemoryLimit: limit, WorkerMemory: mlflow.workerMemory.Load,
		Child: mlflow.status, Database: status.Database(mlflow), Artifacts: reachArtifacts(o, rooms), Native: native.State,
	}
	view := status.View{
		Page: about, LastHour: requests.LastHour, Visits: seen.Since,
		Viewer: func(name string) bool { return slices.Contains(o.Config.Viewers, name) },
	}
	return []gate.Page{
		{Method: http.MethodGet, Path: "/-/", Handler: view},
		{Method: http.MethodGet, Path: "/-/status", Handler: about},
		{Method: http.MethodGet, Path: "/-/metrics", Handler: metricsPage(o, mlflow, native, requests, start)},
	}
}

func metricsPage(o Options, mlflow *upstream, native *fasttrack.Room, requests *metrics.Requests, start time.Time) http.Handler {
	return metrics.Page{Requests: requests, Child: mlflow.status, Native: native.Counts, Version: o.Version, Started: start}
}

// reachArtifacts asks the room that serves them; nil when MLflow does.
func reachArtifacts(o Options, rooms []gate.Room) func(context.Context) error {
	for _, room := range rooms {
		if store, ok := room.(*artifacts.Room); ok {
			return store.Reach
		}
	}
	if path := o.Config.Artifacts.Path; path != "" {
		return func(context.Context) error {
			if _, err := os.Stat(path); err != nil && !errors.Is(err, os.ErrNotExist) { // made by the first artifact
				return err
			}
			return nil
		}
	}
	return nil
}

// serveMetrics answers on a loopback address without a login, for a collector on the same machine; an empty address is
// none.
func serveMetrics(ctx context.Context, address string, page http.Handler) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on MLFLOW_METRICS_PORT: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", page)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}

// status is the child's, or what stands for it before there is one.
func (u *upstream) status() tracking.Status {
	if s := u.server.Load(); s != nil {
		return s.Status()
	}
	_, doing := u.Phase()
	return tracking.Status{Phase: tracking.PhaseStarting, Detail: doing}
}

// version is MLflow's, "" as long as it is being installed.
func (u *upstream) version() string {
	if r := u.runtime.Load(); r != nil {
		return r.MLflowVersion
	}
	return ""
}

func (u *upstream) runs(r provision.Runtime) { u.runtime.Store(&r) }

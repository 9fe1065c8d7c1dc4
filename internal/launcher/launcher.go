// Package launcher is the life of a server: it listens, starts MLflow behind the gate, keeps both running and stops
// them in the right order. Run is that life from top to bottom.
package launcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"mlflow-server/internal/assets"
	"mlflow-server/internal/config"
	"mlflow-server/internal/fasttrack"
	"mlflow-server/internal/gate"
	"mlflow-server/internal/metrics"
	"mlflow-server/internal/provision"
	"mlflow-server/internal/tracking"
)

// stopTimeout is what MLflow gets to stop once nothing is in flight. Together with the default drain of 25 s it stays
// within the 30 s that Heroku leaves between SIGTERM and SIGKILL.
const stopTimeout = 3 * time.Second

// Options say what to run.
type Options struct {
	Config *config.Config
	// Version is this program's, for the status page.
	Version string
	// Environ is the environment that MLflow's is made from.
	Environ []string
	// Runtime finds MLflow, or installs it, which may take a while: the port is open before it is called.
	Runtime func(context.Context) (provision.Runtime, error)
	// Installing tells how far an installation by Runtime is; nil where there is none.
	Installing func() provision.Position
	// Log takes the server's own lines, Output MLflow's.
	Log    *slog.Logger
	Output io.Writer
	// Stdout takes the audit log where that goes to standard output.
	Stdout io.Writer
	// Ready is called once, when the first request would be answered; nil for nobody.
	Ready func(Started)
}

// Started is what there is to tell when the server is ready.
type Started struct {
	// URL is the address for a client on this machine.
	URL string
	// Runtime is what runs behind the gate.
	Runtime provision.Runtime
	// Took is the time from the open port to the first answer.
	Took time.Duration
}

// Run serves until ctx ends or a signal comes (SIGTERM or SIGINT; a second one forces the end, but not a second SIGTERM on a dyno), then returns nil. It
// returns an error when the port is taken or MLflow cannot go on. When it returns, no process of MLflow is left.
func Run(ctx context.Context, o Options) error {
	start := time.Now()
	signals := listenForSignals(ctx, o.Config.Dyno != "")
	defer signals.stop()

	mlflow := &upstream{installing: o.Installing}
	rooms, leaveRooms, err := artifactRooms(o, mlflow, signals.forced)
	if err != nil {
		return err
	}
	defer leaveRooms()
	ui := assets.New(gate.Fallback, o.Log)
	native := nativeTracking(o)
	defer closeNative(native, signals.forced, o.Log)
	rooms = append(rooms, ui, native)
	listener, err := listen(ctx, o.Config)
	if err != nil {
		return err
	}
	defer listener.Close()
	requests, seen := &metrics.Requests{}, &gate.Seen{}
	handler, closeGate, err := openGate(ctx, o, mlflow, rooms, seen, requests, pages(o, mlflow, rooms, native, requests, seen, start))
	if err != nil {
		return err
	}
	defer closeGate()
	closeMetrics, err := serveMetrics(ctx, o.Config.Capacity.MetricsAddr, metricsPage(o, mlflow, native, requests, start))
	if err != nil {
		return err
	}
	defer closeMetrics()

	server := gate.NewServer(requests.Count(handler), o.Log)
	connections := watch(server)
	serving := make(chan error, 1)
	go func() { serving <- server.Serve(listener) }()
	o.Log.Info("listening", "address", listener.Addr().String(),
		"backend", o.Config.Backend.Source, "artifacts", o.Config.Artifacts.Kind, "users", len(o.Config.Users))
	sayEphemeral(o.Config.Capacity.EphemeralArtifacts, o.Log)
	sayUnfit(o.Config, o.Log)

	// MLflow outlives the signal: it is stopped when the requests in flight are answered.
	mlflowLife, stopMLflow := context.WithCancel(context.WithoutCancel(ctx))
	defer stopMLflow()
	go reportToHeroku(mlflowLife, o.herokuMetrics(), o.Log)
	go reapStrangers(mlflowLife)
	ended := make(chan error, 1)
	go func() { ended <- runMLflow(signals, mlflowLife, o, mlflow, ui, native, start) }()

	running := true
	select {
	case <-signals.ctx.Done():
		o.Log.Info("stopping", "in_flight_for_at_most", o.Config.DrainTimeout)
		drain(server, listener, connections, o.Config.DrainTimeout, signals.forced, o.Log)
	case err = <-serving:
		err = fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case err = <-ended:
		running = false
	}
	stopMLflow()
	leaveRooms() // what is still in flight answers that the server stops, and leaves nothing half-done
	if running {
		err = errors.Join(err, <-ended)
	}
	server.Close()
	if err == nil {
		o.Log.Info("stopped")
	}
	return err
}

// runMLflow gets the runtime and runs MLflow with it until life ends. Only the installation stops at the first signal.
func runMLflow(signals signals, life context.Context, o Options, mlflow *upstream, ui *assets.Room, native *fasttrack.Room, start time.Time) error {
	runtime, err := o.Runtime(signals.ctx)
	if err != nil {
		if signals.ctx.Err() != nil {
			return nil // stopped while installing: nothing is left half-done
		}
		return err
	}
	if err := CheckRuntime(o.Config, runtime); err != nil {
		return err
	}
	mlflow.runs(runtime)
	openAssets(ui, runtime, o)
	choice := size(o.Config, runtime, native.Connections(), o.Log)
	mlflow.workerMemory.Store(choice.WorkerMemory)
	options := sized(TrackingOptions(o.Config, runtime, o.Environ, o.Log, o.Output), choice)
	options.Forced, options.Draining = signals.forced, signals.ctx.Done()
	child, err := tracking.New(options)
	if err != nil {
		return fmt.Errorf("preparing MLflow: %w", err)
	}
	mlflow.set(child)
	go announce(life, o, mlflow, native, runtime, start)
	if err := child.Run(life); err != nil {
		return fmt.Errorf("MLflow cannot run: %w", err)
	}
	return nil
}

// announce waits for MLflow's first answer, from which on its calls may be answered natively, and tells the caller of Run.
func announce(life context.Context, o Options, mlflow *upstream, native *fasttrack.Room, runtime provision.Runtime, start time.Time) {
	for ready := false; !ready; ready, _ = mlflow.Phase() {
		select {
		case <-life.Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	beginNative(o, native, mlflow, runtime)
	s := Started{URL: o.Config.LocalURL(), Runtime: runtime, Took: time.Since(start)}
	o.Log.Info("ready", "mlflow", runtime.MLflowVersion, "after", s.Took.Round(time.Millisecond))
	if o.Ready != nil {
		o.Ready(s)
	}
}

package launcher

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"mlflow-server/internal/config"
	"mlflow-server/internal/fasttrack"
	"mlflow-server/internal/provision"
)

// goodbye is how long the end of native tracking's connections may take.
const goodbye = time.Second

// nativeTracking is the room that answers the calls of training loops in MLflow's place, where that is possible. It is off
// until beginNative.
func nativeTracking(o Options) *fasttrack.Room {
	c := o.Config
	return fasttrack.New(fasttrack.Options{
		Off: c.Capacity.NativeOff, URI: c.Backend.URI.Reveal(),
		Connections: fasttrack.Connections(c.Capacity.MaxConnections), Idle: c.Capacity.DatabaseIdle, Log: o.Log,
	})
}

// beginNative decides about it when MLflow has answered for the first time, and says so.
func beginNative(o Options, room *fasttrack.Room, mlflow *upstream, runtime provision.Runtime) {
	state := room.Begin(runtime.MLflowVersion, runtime.Locked, mlflow.status().Schema)
	is := "off"
	if state.On {
		is = "on"
	}
	o.Log.Info("native tracking", "is", is, "because", state.Why)
}

// NativeConnections is how many connections to the database native tracking may open.
func NativeConnections(c *config.Config) int {
	room := nativeTracking(Options{Config: c, Log: slog.New(slog.DiscardHandler)})
	defer func() { _ = room.Close(context.Background()) }() // it has connected to nothing
	return room.Connections()
}

// closeNative waits for a moment for the database to hear of it.
func closeNative(room *fasttrack.Room, forced <-chan struct{}, log *slog.Logger) {
	ctx, cancel := until(forced, goodbye)
	defer cancel()
	if err := room.Close(ctx); errors.Is(err, context.DeadlineExceeded) { // a forced end waits for nobody
		log.Warn("the database does not answer and is not waited for", "cause", err)
	}
}

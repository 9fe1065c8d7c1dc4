package launcher

import (
	"io"
	"log/slog"
	"runtime"
	"slices"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
	"mlflow-server/internal/sizing"
	"mlflow-server/internal/tracking"
)

// capacity is what fits, and the limit it has to fit.
type capacity struct {
	sizing.Choice
	memoryLimit int64
}

// size decides how many workers there are and what each may take, and says so in one line. Of the connections to the
// database, others are this process's own.
func size(c *config.Config, others int, log *slog.Logger) capacity {
	limit, source := sizing.MemoryLimit()
	choice := sizing.Choose(sizing.Demand{
		Workers: c.Workers, MemoryLimit: limit, MemorySource: source, CPUs: runtime.NumCPU(),
		Connections: c.Capacity.MaxConnections, OtherConnections: others, Jobs: c.Capacity.Jobs,
	})
	switch {
	case !c.Capacity.WatchMemory:
		choice.WorkerMemory, choice.TotalMemory = 0, 0
	case c.Capacity.WorkerMemory > 0:
		choice.WorkerMemory = c.Capacity.WorkerMemory
	}
	log.Info("capacity", "workers", choice.Workers, "threads", choice.Threads, "connections_each", choice.Connections,
		"worker_mb_at_most", choice.WorkerMemory>>20, "all_mb_at_most", choice.TotalMemory>>20, "because", choice.Reason)
	for _, warning := range choice.Warnings {
		log.Warn(warning)
	}
	return capacity{Choice: choice, memoryLimit: limit}
}

// TrackingOptions are what MLflow is run with, but for what depends on the memory there is.
func TrackingOptions(c *config.Config, runtime provision.Runtime, environ []string, log *slog.Logger, output io.Writer) tracking.Options {
	return tracking.Options{
		Runtime:       runtime,
		BackendURI:    c.Backend.URI.Reveal(),
		ArtifactURI:   c.Artifacts.URI,
		Directory:     c.DataDir,
		DatabaseWait:  c.DatabaseWait,
		DatabaseIdle:  c.Capacity.DatabaseIdle,
		MigrationWait: c.Capacity.MigrationWait,
		Jobs:          c.Capacity.Jobs,
		Gateway:       slices.ContainsFunc(c.OpenRoutes, runsModels),
		StopTimeout:   stopTimeout,
		// Nothing else is in flight then, so that all of the time until the platform kills is left.
		FinishMigration: c.DrainTimeout,
		Environ:         environ,
		Log:             log,
		Output:          output,
	}
}

// sized adds what was decided.
func (c capacity) sized(o tracking.Options) tracking.Options {
	o.Workers, o.Threads, o.Connections = c.Workers, c.Threads, c.Connections
	o.WorkerMemory, o.TotalMemory = c.WorkerMemory, c.TotalMemory
	return o
}

// runsModels says of a part of MLflow that is open that its code may run models in the server.
func runsModels(part string) bool { return part != "users" && part != "webhooks" }

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

// size decides how many workers there are and what each may take, and says so in one line. It needs the runtime, which says
// how MLflow will be run. Of the connections to the database, others are this process's own.
func size(c *config.Config, installed provision.Runtime, others int, log *slog.Logger) sizing.Choice {
	limit, source := sizing.MemoryLimit()
	publicCLI := tracking.PublicCLI(installed, c.Capacity.Jobs)
	choice := sizing.Choose(sizing.Demand{
		Workers: c.Workers, MemoryLimit: limit, MemorySource: source, MachineMemory: sizing.MachineMemory(), CPUs: runtime.NumCPU(),
		Connections: c.Capacity.MaxConnections, OtherConnections: others, PublicCLI: publicCLI, Jobs: c.Capacity.Jobs,
	})
	switch {
	case publicCLI:
		sayUnwatched(c, installed, log)
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
	return choice
}

// sayUnwatched says what MLflow's own command line lacks: its processes are its own, so that a worker cannot be looked at,
// let alone replaced.
func sayUnwatched(c *config.Config, installed provision.Runtime, log *slog.Logger) {
	because, remedy := "MLflow "+installed.MLflowVersion+" is not the locked version", "use the locked version"
	if c.Capacity.Jobs {
		because, remedy = jobsVariable+" is true", "leave "+jobsVariable+" out"
	}
	log.Warn("MLflow's own command line is run: workers that grow are not replaced, one that hangs beside others may not be found, "+
		"and idle database connections stay open", "because", because, "remedy", remedy)
	if c.Capacity.WorkerMemory > 0 {
		log.Warn("MLFLOW_WORKER_MEMORY_MB has no effect with MLflow's own command line")
	}
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
func sized(o tracking.Options, c sizing.Choice) tracking.Options {
	o.Workers, o.Threads, o.Connections = c.Workers, c.Threads, c.Connections
	o.WorkerMemory, o.TotalMemory = c.WorkerMemory, c.TotalMemory
	return o
}

// runsModels says of a part of MLflow that is open that its code may run models in the server.
func runsModels(part string) bool { return part != "users" && part != "webhooks" }

package config

import (
	"net"
	"strconv"
	"time"
)

// Capacity is how much the server may take, and how long things may last.
type Capacity struct {
	// MaxConnections is how many connections the database allows to this instance, with a migration beside it; 0 is any
	// number.
	MaxConnections int
	// DatabaseIdle is how long a connection to the database may be unused before it is closed; 0 keeps it.
	DatabaseIdle time.Duration
	// MigrationWait is how long a start waits for another process that changes the database's schema.
	MigrationWait time.Duration
	// WatchMemory replaces workers that take more than their share. WorkerMemory is that share in bytes; 0 is what the
	// memory limit gives each.
	WatchMemory  bool
	WorkerMemory int64
	// NativeOff says in words why the calls of training loops are left to MLflow; empty where this server may answer them.
	NativeOff string
	// Jobs says that MLflow's job runners are switched on.
	Jobs bool
	// MetricsAddr is the loopback address that metrics are served on without a login, empty for nowhere.
	MetricsAddr string
	// EphemeralArtifacts says that what is written to the artifact directory would vanish with the dyno, and that nobody
	// has allowed that: writes are to be refused.
	EphemeralArtifacts bool
}

const (
	ephemeralVariable = "MLFLOW_ALLOW_EPHEMERAL"
	jobsVariable      = "MLFLOW_SERVER_ENABLE_JOB_EXECUTION"
)

// capacity reads what belongs to Capacity, and refuses a database that would vanish: the disk of a dyno is emptied at
// every restart, which comes once a day at least.
// Source: https://devcenter.heroku.com/articles/dynos#ephemeral-filesystem
func (r *reader) capacity(b Backend, a Artifacts, dyno string) Capacity {
	c := Capacity{
		MaxConnections: r.number("MLFLOW_DB_MAX_CONNECTIONS", 0, 10_000),
		DatabaseIdle:   r.seconds("MLFLOW_DB_IDLE_SECONDS"),
		MigrationWait:  r.seconds("MLFLOW_DB_MIGRATION_WAIT_SECONDS"),
		NativeOff:      r.nativeTracking(b),
		Jobs:           r.boolean(jobsVariable),
	}
	if b.Dialect == SQLite {
		c.MaxConnections = 0
	} else if c.MaxConnections > 0 && c.MaxConnections < 6 {
		r.reject("MLFLOW_DB_MAX_CONNECTIONS", "%d are too few; one worker and a migration need 6", c.MaxConnections)
	}
	switch text := r.value("MLFLOW_WORKER_MEMORY_MB"); text {
	case "auto":
		c.WatchMemory = true
	case "0":
	default:
		c.WatchMemory = true
		c.WorkerMemory = int64(r.number("MLFLOW_WORKER_MEMORY_MB", 64, 1<<20)) << 20
	}
	if _, ok := r.set("MLFLOW_METRICS_PORT"); ok {
		c.MetricsAddr = net.JoinHostPort("127.0.0.1", strconv.Itoa(r.number("MLFLOW_METRICS_PORT", 1, 65535)))
	}
	if allowed := r.boolean(ephemeralVariable); dyno != "" && !allowed && !r.profile.local {
		c.EphemeralArtifacts = a.Kind == Directory
		if b.Dialect == SQLite {
			r.reject("DATABASE_URL", "is not set, so that everything would be in SQLite on the dyno's disk, which is emptied at every restart; "+
				"add a database with \"heroku addons:create heroku-postgresql:essential-0\", or set %s=true to lose everything every day", ephemeralVariable)
		}
	}
	return c
}

package sizing

import (
	"fmt"
	"strings"
)

const (
	// share of the limit that is planned with: the kernel counts page cache and sockets too, and the platform kills what
	// exceeds it.
	share = 0.85
	// ceiling is the share of the limit at which what is there has to shrink: above what is planned with, and in time.
	ceiling = 0.9
	// unlimited is the number of workers where nothing limits memory: a laptop or a whole machine, which has other work. There,
	// what the machine has is no more than a bound: fewer where it does not hold them.
	unlimited = 2
	// ours is the share of a machine's memory from which on workers have to shrink where nothing limits them: what else runs
	// there, such as the database, is not counted, and the kernel would choose whom to kill.
	ours = 0.5
	// most workers that are chosen without being asked for.
	most = 16
	// reserved connections: for a migration (its lock, its work and one that MLflow opens beside that and does not use), and while
	// there is none for a person or a check.
	reserved = 3
	// threads of a worker at most: they share one interpreter lock, so more of them only wait.
	mostThreads = 8
	// spare connections of a worker beside one for each thread. MLflow takes a second one in the middle of many calls, log_batch
	// among them (sqlalchemy_store.py): if all threads had one and none were left, each would wait for the others until the
	// pool gives up after 30 s. The other one is for the few calls that are answered outside the threads; who has hardly any
	// does without.
	spare = 2
	// goodConnections of a worker before one more worker is worth it, and the fewest that it can live with.
	goodConnections, fewestConnections = 4, 2
)

// Demand is what is to be decided about.
type Demand struct {
	// Workers is how many were asked for (WEB_CONCURRENCY); 0 leaves it to Choose.
	Workers int
	// MemoryLimit in bytes, 0 for none, and whose it is.
	MemoryLimit  int64
	MemorySource string
	// MachineMemory is what the machine has, in bytes, which counts where there is no limit; 0 is unknown.
	MachineMemory int64
	// CPUs is how many processors there are to run on. Shared platforms show many more than one gets.
	CPUs int
	// Connections is how many the database allows to this server, which is one process of several where there are more
	// dynos; 0 for a database without such a limit.
	Connections int
	// OtherConnections of them are used by parts of this server other than the workers.
	OtherConnections int
	// PublicCLI says that MLflow's own command line is run, which takes more and cannot be watched.
	PublicCLI bool
	// Jobs says that MLflow's job runners are switched on.
	Jobs bool
}

// Choice is what fits.
type Choice struct {
	// Workers is the number of processes that answer, Threads how many calls each answers at a time.
	Workers, Threads int
	// Connections is how many each worker may have to the database; 0 for any.
	Connections int
	// WorkerMemory is what one worker may grow to, in bytes; 0 where memory is not known, or workers cannot be watched.
	WorkerMemory int64
	// TotalMemory is what the launcher, the workers and their parent may take together, in bytes, before the largest worker
	// has to go; 0 as above. Workers' shares add up to more: each has room for one that grows alone.
	TotalMemory int64
	// Reason is the decision in words, for a log line.
	Reason string
	// Warnings say what does not fit.
	Warnings []string
}

// Choose decides.
func Choose(d Demand) Choice {
	c := Choice{Threads: mostThreads}
	var reasons []string
	say := func(format string, args ...any) { reasons = append(reasons, fmt.Sprintf(format, args...)) }

	f, there := d.footprint(), d.memory()
	budget := there.part(share)
	switch {
	case d.Workers > 0:
		c.Workers = d.Workers
		say("WEB_CONCURRENCY asks for %s", count(d.Workers, "worker"))
	case there.mb == 0:
		c.Workers = unlimited
		say("nothing limits memory, %s by default", count(unlimited, "worker"))
	case there.machine && f.fitting(budget) >= unlimited:
		c.Workers = unlimited
		say("nothing limits %s, %s by default", there, count(unlimited, "worker"))
	default:
		c.Workers = f.fitting(budget)
		say("%s hold %s", there, count(c.Workers, "worker"))
		if processors := max(2, 2*d.CPUs); c.Workers > min(processors, most) {
			c.Workers = min(processors, most)
			say("%d are enough for %s", c.Workers, count(d.CPUs, "processor"))
		}
	}

	if d.Connections > 0 {
		free := max(d.Connections-reserved-d.OtherConnections, 0)
		if fits := max(free/goodConnections, 1); d.Workers == 0 && c.Workers > fits {
			c.Workers = fits
			say("%s to the database suffice for %d", count(d.Connections, "connection"), fits)
		}
		c.Connections = max(free/c.Workers, fewestConnections)
		beside := spare
		if c.Connections < 2*spare {
			beside = 1
		}
		c.Threads = min(c.Threads, max(c.Connections-beside, 1))
		c.Connections = min(c.Connections, c.Threads+spare)
		if total := c.Workers*c.Connections + reserved + d.OtherConnections; total > d.Connections {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s need up to %d connections to the database, more than the %d of "+
				"MLFLOW_DB_MAX_CONNECTIONS; lower WEB_CONCURRENCY", count(c.Workers, "worker"), total, d.Connections))
		}
	}
	say("%s and %s each", count(c.Threads, "thread"), connections(c.Connections))

	if there.mb > 0 {
		needed := f.need(c.Workers)
		if !d.PublicCLI {
			c.WorkerMemory, c.TotalMemory = there.most(f, c.Workers)
		}
		if needed > budget {
			c.Warnings = append(c.Warnings, doesNotFit(d, c.Workers, needed, there.mb))
		}
	}
	c.Reason = strings.Join(reasons, ", ")
	return c
}

func doesNotFit(d Demand, workers, needed, limit int) string {
	what, remedy := count(workers, "worker"), "lower WEB_CONCURRENCY or give it more memory"
	if d.PublicCLI {
		what += " of MLflow's own command line"
	}
	switch {
	case d.Jobs:
		what += fmt.Sprintf(" and MLflow's job runners (about %d MB)", JobsMB)
		needed += JobsMB
		remedy = "give it more memory or leave MLFLOW_SERVER_ENABLE_JOB_EXECUTION out"
	case d.PublicCLI:
		remedy = "give it more memory or use the locked version of MLflow"
	case workers == 1:
		remedy = "give it more memory"
	}
	return fmt.Sprintf("%s take about %d MB, which does not fit well into %d MB; %s", what, needed, limit, remedy)
}

func connections(n int) string {
	if n == 0 {
		return "any number of connections"
	}
	return count(n, "connection")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

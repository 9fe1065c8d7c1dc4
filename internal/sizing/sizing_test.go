package sizing

import (
	"strings"
	"testing"

	"mlflow-server/internal/fasttrack"
)

const mb = 1 << 20

func TestWorkersFitTheMemory(t *testing.T) {
	for _, tt := range []struct {
		name        string
		d           Demand
		workers     int
		connections int
		reason      string
	}{
		{"a laptop", Demand{CPUs: 8}, 2, 0, "nothing limits memory"},
		{"a dyno of 512 MB", Demand{MemoryLimit: 512 * mb, MemorySource: "cgroup v1", CPUs: 8, Connections: 20}, 3, 4, "512 MB (cgroup v1) hold 3 workers"},
		{"a dyno of 1 GB", Demand{MemoryLimit: 1024 * mb, CPUs: 8, Connections: 20}, 3, 4, "20 connections to the database suffice for 3"},
		{"a dyno of 2.5 GB with a larger database", Demand{MemoryLimit: 2560 * mb, CPUs: 4, Connections: 120}, 8, 10, "8 are enough for 4 processors"},
		{"a dyno of 14 GB with a larger database", Demand{MemoryLimit: 14336 * mb, CPUs: 8, Connections: 500}, 16, 10, "16 are enough"},
		{"a quarter of a gigabyte", Demand{MemoryLimit: 256 * mb, CPUs: 1, Connections: 20}, 1, 10, "hold 1 worker"},
		{"four workers asked for", Demand{Workers: 4, MemoryLimit: 512 * mb, CPUs: 2, Connections: 20}, 4, 3, "WEB_CONCURRENCY asks for 4 workers"},
		{"a part of its own uses more connections", Demand{Workers: 2, Connections: 20, OtherConnections: 5}, 2, 6, "4 threads and 6 connections"},
		{"a large machine without a limit", Demand{MachineMemory: 24105 * mb, CPUs: 8}, 2, 0, "nothing limits the 24105 MB that this machine has, 2 workers by default"},
		{"a small machine without a limit", Demand{MachineMemory: 384 * mb, CPUs: 8}, 1, 0, "the 384 MB that this machine has hold 1 worker"},
		{"a limit counts, not the machine", Demand{MemoryLimit: 512 * mb, MemorySource: "cgroup v2", MachineMemory: 24105 * mb, CPUs: 8}, 3, 0, "512 MB (cgroup v2) hold 3 workers"},
		{"workers that import MLflow for themselves", Demand{MemoryLimit: 512 * mb, CPUs: 8, PublicCLI: true}, 1, 0, "hold 1 worker"},
		{"the same in 2 GB", Demand{MemoryLimit: 2048 * mb, CPUs: 8, PublicCLI: true}, 6, 0, "hold 6 workers"},
		{"with job runners", Demand{MemoryLimit: 2048 * mb, CPUs: 8, PublicCLI: true, Jobs: true}, 1, 0, "hold 1 worker"},
		{"the same on a machine", Demand{MachineMemory: 640 * mb, CPUs: 8, PublicCLI: true}, 1, 0, "hold 1 worker"},
		{"SQLite", Demand{Workers: 2, MemoryLimit: 512 * mb}, 2, 0, "any number of connections"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.d.Connections > 0 && tt.d.OtherConnections == 0 { // as in serve, where native tracking has some
				tt.d.OtherConnections = fasttrack.Connections(tt.d.Connections)
			}
			c := Choose(tt.d)
			if c.Workers != tt.workers || c.Connections != tt.connections || !strings.Contains(c.Reason, tt.reason) {
				t.Errorf("%+v", c)
			}
			if tt.d.Connections > 0 && c.Workers*c.Connections+reserved+tt.d.OtherConnections > tt.d.Connections {
				t.Errorf("%d workers with %d connections are too many for %d", c.Workers, c.Connections, tt.d.Connections)
			}
			if c.Threads < 2 || tt.d.Connections > 0 && c.Threads >= c.Connections { // MLflow needs a second one within a call
				t.Errorf("%d threads", c.Threads)
			}
		})
	}
}

func TestWhatDoesNotFitIsSaid(t *testing.T) {
	for _, tt := range []struct {
		name string
		d    Demand
		want string
	}{
		{"too many workers", Demand{Workers: 8, MemoryLimit: 512 * mb}, "8 workers take about 710 MB, which does not fit well into 512 MB; lower WEB_CONCURRENCY"},
		{"one worker is too many", Demand{Workers: 1, MemoryLimit: 200 * mb}, "1 worker take about 260 MB, which does not fit well into 200 MB; give it more memory"},
		{"another MLflow", Demand{MemoryLimit: 512 * mb, PublicCLI: true}, "1 worker of MLflow's own command line take about 530 MB, which does not fit well into 512 MB; give it more memory or use the locked version"},
		{"another MLflow, several workers", Demand{Workers: 3, MemoryLimit: 512 * mb, PublicCLI: true}, "3 workers of MLflow's own command line take about 990 MB"},
		// Runners are started by MLflow's own command line alone, whose worker takes 530 MB with all that it needs.
		{"job runners", Demand{MemoryLimit: 512 * mb, PublicCLI: true, Jobs: true}, "1 worker of MLflow's own command line and MLflow's job runners (about 1400 MB) take about 1930 MB, which does not fit well into 512 MB; give it more memory or leave MLFLOW_SERVER_ENABLE_JOB_EXECUTION out"},
		{"job runners and workers", Demand{Workers: 5, MemoryLimit: 2048 * mb, PublicCLI: true, Jobs: true}, "take about 2840 MB"},
		{"too much for the machine", Demand{Workers: 8, MachineMemory: 512 * mb}, "8 workers take about 710 MB, which does not fit well into 512 MB"},
		{"another MLflow with room", Demand{MemoryLimit: 1024 * mb, PublicCLI: true}, ""},
		{"too few connections", Demand{Workers: 16, Connections: 20}, "16 workers need up to 35 connections to the database, more than the 20"},
		{"all fits", Demand{MemoryLimit: 512 * mb, Connections: 20}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(Choose(tt.d).Warnings, "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAWorkersShareIsMoreThanItStartsWith(t *testing.T) {
	for _, d := range []Demand{
		{Workers: 1, MemoryLimit: 256 * mb}, {Workers: 1, MemoryLimit: 512 * mb}, {Workers: 3, MemoryLimit: 512 * mb},
		{Workers: 16, MemoryLimit: 512 * mb}, {Workers: 8, MemoryLimit: 14336 * mb},
	} {
		starts := lean.parent/(d.Workers+1) + lean.worker
		if d.Workers == 1 {
			starts = lean.alone
		}
		if got := int(Choose(d).WorkerMemory / mb); got <= starts {
			t.Errorf("%d workers in %d MB: a share of %d MB, and they start with about %d", d.Workers, d.MemoryLimit/mb, got, starts)
		}
	}
	if got := Choose(Demand{}).WorkerMemory; got != 0 {
		t.Errorf("without a limit the share is %d", got)
	}
}

// Workers that grow evenly have to be replaced before the platform looks at the sum.
func TestAllTogetherStayWithinTheLimit(t *testing.T) {
	for _, limit := range []int64{512, 1024, 2560, 14336} {
		for _, connections := range []int{0, 20, 500} {
			c := Choose(Demand{MemoryLimit: limit * mb, CPUs: 8, Connections: connections})
			if total := c.TotalMemory / mb; total < int64(lean.need(c.Workers)) || total > limit*95/100 {
				t.Errorf("%d workers in %d MB may take %d MB together, and need %d", c.Workers, limit, total, lean.need(c.Workers))
			}
		}
	}
	if got := Choose(Demand{Workers: 8, MemoryLimit: 512 * mb}).TotalMemory / mb; got < int64(lean.need(8)) {
		t.Errorf("8 workers may take %d MB, which new ones exceed", got)
	}
	// Of the processes of MLflow's own command line only the first is known. It would be taken for a worker, and all of MLflow
	// started again because of its size.
	for _, jobs := range []bool{false, true} {
		if c := Choose(Demand{MemoryLimit: 4096 * mb, PublicCLI: true, Jobs: jobs}); c.TotalMemory != 0 || c.WorkerMemory != 0 {
			t.Errorf("MLflow's own command line cannot be watched, and may take %d, each worker %d", c.TotalMemory, c.WorkerMemory)
		}
	}
	// Who else needs memory on a machine is not known.
	if c := Choose(Demand{MachineMemory: 2048 * mb}); c.TotalMemory != 1024*mb || c.WorkerMemory <= 100*mb || c.WorkerMemory >= c.TotalMemory/2 {
		t.Errorf("of a machine of 2 GB all may take %d, each of %d workers %d", c.TotalMemory, c.Workers, c.WorkerMemory)
	}
	if got := Choose(Demand{}).TotalMemory; got != 0 {
		t.Errorf("without a limit all may take %d", got)
	}
}

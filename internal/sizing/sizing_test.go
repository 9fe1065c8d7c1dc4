package sizing

import (
	"strings"
	"testing"
	"testing/fstest"

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
		{"job runners", Demand{MemoryLimit: 512 * mb, Jobs: true}, "1 worker and MLflow's job runners (about 1200 MB) take about 1460 MB"},
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
		starts := parentMB/(d.Workers+1) + workerMB
		if d.Workers == 1 {
			starts = aloneMB
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
			if total := c.TotalMemory / mb; total < int64(need(c.Workers)) || total > limit*95/100 {
				t.Errorf("%d workers in %d MB may take %d MB together, and need %d", c.Workers, limit, total, need(c.Workers))
			}
		}
	}
	if got := Choose(Demand{MemoryLimit: 4096 * mb, Jobs: true}).TotalMemory / mb; got > 4096*9/10-JobsMB {
		t.Errorf("job runners are not looked at, and the rest may take %d MB of 4096", got)
	}
	if got := Choose(Demand{Workers: 8, MemoryLimit: 512 * mb}).TotalMemory / mb; got < int64(need(8)) {
		t.Errorf("8 workers may take %d MB, which new ones exceed", got)
	}
	if got := Choose(Demand{}).TotalMemory; got != 0 {
		t.Errorf("without a limit all may take %d", got)
	}
}

func TestTheMemoryLimitIsTheSmallestOnTheWayUp(t *testing.T) {
	machine := &fstest.MapFile{Data: []byte("MemTotal:       24683320 kB\nMemFree: 1 kB\n")}
	for _, tt := range []struct {
		name   string
		files  fstest.MapFS
		limit  int64
		source string
	}{
		{"no control group", fstest.MapFS{}, 0, ""},
		{"version 2, the container's own group at the root", fstest.MapFS{
			"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("536870912\n"),
		}, 512 * mb, "cgroup v2"},
		{"version 2, a limit above", fstest.MapFS{
			"proc/self/cgroup":                   file("0::/a/b\n"),
			"sys/fs/cgroup/a/b/memory.max":       file("max\n"),
			"sys/fs/cgroup/a/memory.max":         file("1073741824\n"),
			"sys/fs/cgroup/unrelated/memory.max": file("1\n"),
		}, 1024 * mb, "cgroup v2"},
		{"version 1, as on a dyno", fstest.MapFS{
			"proc/self/cgroup":                           file("12:cpu,cpuacct:/x\n7:memory:/y\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("536870912\n"),
		}, 512 * mb, "cgroup v1"},
		{"version 1, its own group", fstest.MapFS{
			"proc/self/cgroup": file("7:memory:/y\n0::/y\n"),
			"sys/fs/cgroup/memory/y/memory.limit_in_bytes": file("268435456\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes":   file("9223372036854771712\n"),
		}, 256 * mb, "cgroup v1"},
		{"version 1 without a limit", fstest.MapFS{
			"proc/self/cgroup":                           file("7:memory:/\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n"),
		}, 0, ""},
		{"more than the machine has is no limit", fstest.MapFS{
			"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("99999999999999\n"),
		}, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.files["proc/meminfo"] = machine
			if limit, source := memoryLimit(tt.files); limit != tt.limit || source != tt.source {
				t.Errorf("%d by %q, want %d by %q", limit, source, tt.limit, tt.source)
			}
		})
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

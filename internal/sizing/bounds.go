package sizing

import "fmt"

// bounds is the memory that there is: what a limit allows or, where nothing limits it, what the machine has.
type bounds struct {
	mb      int // 0 where neither is known
	machine bool
	source  string
	jobs    int // what job runners take of it, which are not watched
}

func (d Demand) memory() bounds {
	b := bounds{mb: int(d.MemoryLimit >> 20), source: d.MemorySource}
	if b.mb == 0 {
		b.mb, b.machine = int(d.MachineMemory>>20), true
	}
	if d.Jobs {
		b.jobs = JobsMB
	}
	return b
}

func (b bounds) String() string {
	if b.machine {
		return fmt.Sprintf("the %d MB that this machine has", b.mb)
	}
	return fmt.Sprintf("%d MB (%s)", b.mb, b.source)
}

// part is a share of it, in MB, without that of job runners.
func (b bounds) part(share float64) int { return int(float64(b.mb)*share) - b.jobs }

// most is what one worker may take, and what all processes may take together, in bytes. What does not fit in the first
// place has at least what it needs: it would be replaced for ever.
func (b bounds) most(f footprint, workers int) (worker, total int64) {
	planned, all := b.part(share), b.part(ceiling)
	if b.machine {
		planned, all = b.part(ours), b.part(ours)
	}
	return int64(f.share(planned, workers)) << 20, int64(max(all, f.need(workers))) << 20
}

// Package claim has what this project says about its speed and size, each claim as a measurement of this project and what it
// is compared with, in one run and in turns.
package claim

import (
	"context"
	"time"

	"mlflow-server/bench/result"
)

// Claim is one subject of measurement.
type Claim struct {
	// Name is the command's, Title the heading in the report, Usage a line of help.
	Name, Title, Usage string
	measure            func(context.Context, *Bench, *result.Result) error
}

// All has every claim, in the order of the report.
var All = []Claim{login, throughput, scale, growth, memory, small, boot}

// Scale is how long and how often things are measured.
type Scale struct {
	// Pairs is how often the gate and the child behind it are measured in turns, Rounds how often peers are.
	Pairs, Rounds int
	// Window is how long one measurement counts, after WarmUp. SlowWindow and SlowWarmUp are for a subject that needs
	// seconds for an answer.
	WarmUp, Window, SlowWarmUp, SlowWindow time.Duration
	// Connections is how many requests are in flight.
	Connections int
	// Workers are the numbers of worker processes for which memory is measured, Requests how many it gets in between,
	// and Settle the interval in which its memory must not change before it is read, unless that takes SettleAtMost.
	Workers              []int
	Requests             int
	Settle, SettleAtMost time.Duration
	// Fleet are the numbers of connections by which throughput is measured, Turns how often each server is; it is
	// Rounds where something is expected.
	Fleet []int
	Turns int
	// Instances are the numbers of instances, 1 the first, that Crowd connections go to.
	Instances []int
	Crowd     int
	// Sizes are numbers of runs and of metrics, Users those of users in the list, the smallest first; Asked is how many
	// requests give one sample of a call's time.
	Sizes, Users []int
	Asked        int
	// Install says that nginx and Caddy may be installed if they are not there; otherwise they are left out.
	Install bool
	// MemoryRounds is how often each of them is started, Boots how often each kind of start is measured.
	MemoryRounds, Boots int
}

// Full gives figures to publish: all claims together take about half an hour on two cores that do nothing else.
var Full = Scale{
	Pairs: 20, Rounds: 5, WarmUp: 300 * time.Millisecond, Window: 2 * time.Second, SlowWarmUp: 3 * time.Second, SlowWindow: 6 * time.Second,
	Connections: 8, Workers: []int{1, 2, 4}, Requests: 1000, Settle: 2 * time.Second, SettleAtMost: 90 * time.Second, MemoryRounds: 3, Boots: 5,
	Fleet: []int{1, 8, 64}, Turns: 3, Install: true, Instances: []int{1, 2, 4}, Crowd: 16,
	Sizes: []int{100, 1_000, 10_000}, Users: []int{1, 100, 10_000}, Asked: 15,
}

// Smoke shows that everything runs; its figures mean nothing.
var Smoke = Scale{
	Pairs: 2, Rounds: 1, WarmUp: 50 * time.Millisecond, Window: 300 * time.Millisecond, SlowWarmUp: time.Second, SlowWindow: 2 * time.Second,
	Connections: 2, Workers: []int{1}, Requests: 60, Settle: 100 * time.Millisecond, SettleAtMost: time.Second, MemoryRounds: 1, Boots: 1,
	Fleet: []int{2}, Turns: 1, Instances: []int{1, 2}, Crowd: 4,
	Sizes: []int{5, 10, 20}, Users: []int{1, 10, 50}, Asked: 3,
}

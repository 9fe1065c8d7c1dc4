package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mlflow-server/bench/stats"
)

// Options say how hard and how long.
type Options struct {
	// Connections is how many requests are in flight at any time, each on a keep-alive connection of its own.
	Connections int
	// WarmUp passes before anything counts.
	WarmUp time.Duration
	// Window is for how long answers count. Answers that come later are waited for, so that the next measurement starts
	// with an idle server, and not counted, unless there is no other: then the window ends with the last of them.
	Window time.Duration
	// Requests ends the run after so many, all of them counted; WarmUp and Window are then not used.
	Requests int
	// Patience is how long an answer may take before it counts as failed; 0 is some minutes.
	Patience time.Duration
}

// Result is what came back.
type Result struct {
	// Requests is the number of answers that counted, failed ones included.
	Requests int
	// Failed is how many of them were no 200, and Failure the first of these.
	Failed  int
	Failure error
	// Sent is the number of all requests, those outside the window included.
	Sent int
	// Took is the time in which the answers that count came.
	Took time.Duration
	// P50 and P99 are quantiles of the time for one answer.
	P50, P99 time.Duration
}

// PerSecond is the rate of answers.
func (r Result) PerSecond() float64 {
	if r.Took <= 0 {
		return 0
	}
	return float64(r.Requests) / r.Took.Seconds()
}

// answer is when it came and how long it took.
type answer struct {
	at   time.Time
	took time.Duration
	err  error
}

func (a answer) within(from, until time.Time) bool {
	return !a.at.Before(from) && !a.at.After(until)
}

// Run sends requests, of which next makes the i-th, from 0. An error is one of the run itself; failed requests are in the
// result.
//
// What counts are the answers that come within the window, whenever they were asked for: those in flight when it begins
// make up for those in flight when it ends, which matters for a server that takes seconds for each.
func Run(ctx context.Context, s Server, o Options, next func(i int) Request) (Result, error) {
	connections := make([]connection, 0, o.Connections)
	defer func() {
		for _, c := range connections {
			c.close()
		}
	}()
	for n := range o.Connections {
		c, err := connect(s, n, cmp.Or(o.Patience, requestTime))
		if err != nil {
			return Result{}, err
		}
		connections = append(connections, c)
	}
	if len(connections) == 0 {
		return Result{}, errors.New("a load needs at least one connection")
	}
	start := time.Now()
	from, until := start.Add(o.WarmUp), start.Add(o.WarmUp+o.Window)
	var sent atomic.Int64
	more := func() (int, bool) {
		i := int(sent.Add(1)) - 1
		if o.Requests > 0 {
			return i, i < o.Requests && ctx.Err() == nil
		}
		return i, time.Now().Before(until) && ctx.Err() == nil
	}
	answers := make([][]answer, len(connections))
	var all sync.WaitGroup
	for n, c := range connections {
		all.Go(func() {
			for i, ok := more(); ok; i, ok = more() {
				began := time.Now()
				err := c.do(ctx, next(i), io.Discard)
				now := time.Now()
				answers[n] = append(answers[n], answer{at: now, took: now.Sub(began), err: err})
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return Result{}, fmt.Errorf("the load was broken off: %w", context.Cause(ctx))
	}
	if o.Requests > 0 {
		from, until = start, time.Now()
	}
	return count(slices.Concat(answers...), from, until), nil
}

func count(answers []answer, from, until time.Time) Result {
	if !slices.ContainsFunc(answers, func(a answer) bool { return a.within(from, until) }) {
		for _, a := range answers {
			if a.at.After(until) {
				until = a.at
			}
		}
	}
	r := Result{Took: until.Sub(from), Sent: len(answers)}
	var times []float64
	for _, a := range answers {
		if !a.within(from, until) {
			continue
		}
		r.Requests++
		times = append(times, a.took.Seconds())
		if a.err != nil {
			r.Failed++
			if r.Failure == nil {
				r.Failure = a.err
			}
		}
	}
	slices.Sort(times)
	seconds := func(part float64) time.Duration {
		return time.Duration(stats.Quantile(times, part) * float64(time.Second))
	}
	r.P50, r.P99 = seconds(0.5), seconds(0.99)
	return r
}

package lifecycle

import (
	"fmt"
	"strings"
	"time"

	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
)

// The measurements' names on the command line and in the results.
const (
	SoakName   = "soak"
	KillsName  = "kills"
	LossesName = "losses"
)

// Names has them all, in the order of a report.
var Names = []string{SoakName, KillsName, LossesName}

const (
	ours        = "mlflow-server"
	oursWithout = "mlflow-server, MLflow answers everything"
)

// mostGrowth is what memory may grow in an hour, in MB: less than 100 in the day after which Heroku starts a dyno anew, and
// what half an hour can tell from nothing.
const mostGrowth = 4

// backWithin is the time after which a worker that was killed is expected to have a successor.
const backWithin = 300 * time.Millisecond

// newResult begins a result; where is the database.
func newResult(name, title, where string, workers int) result.Result {
	machine := result.ThisMachine()
	notes := machine.Remarks()
	if nice := process.Nice(); nice < 0 {
		notes = append(notes, fmt.Sprintf("The server and what kills and asks it ran before the machine's other work (nice %d).", nice))
	}
	return result.Result{
		Claim: name, Title: title, Began: time.Now().Truncate(time.Second), Machine: machine, Notes: notes,
		Setup: []string{fmt.Sprintf("%d workers; database: %s.", workers, where)},
	}
}

// add puts soaks' figures into a result.
func add(r *result.Result, all []soaked) {
	r.Setup = append(r.Setup,
		fmt.Sprintf("%d requests to each server in %v, side by side, of ten: five `runs/log-metric`, two `runs/log-batch`, one each of "+
			"`experiments/search`, `runs/search` and `runs/get`.", all[0].sent, all[0].length),
		"Memory is the proportional set size of all processes, the launcher's included, in MB of 1,048,576 bytes, after the first quarter. "+
			"Servers of this project that run side by side share pages of libraries, so that each looks smaller than alone.",
		fmt.Sprintf("Growth is the slope of a straight line through what is in no file (heaps and stacks), with twice its standard error on each side: "+
			"libraries' pages count less when other programs use them too, and a leak is none of them. At most %d MB in an hour are expected.", mostGrowth))
	for _, s := range all {
		r.Figures = append(r.Figures, result.Alone(s.name+": memory of all processes", "MB", result.Of(s.name, s.all.y...)))
		slope, noise := s.own.slope(), 2*s.own.error()
		growth, failed := result.Of(s.name, slope), result.Of(s.name, float64(s.failed))
		if noise >= 0 { // not of fewer than three samples
			growth = result.Of(s.name, slope-noise, slope, slope+noise)
		}
		grows, fails := result.Alone(s.name+": growth in an hour", "MB", growth), result.Alone(s.name+": failed", "requests", failed)
		if s.name == ours || s.name == oursWithout {
			grows, fails = grows.ValueAtMost(mostGrowth), fails.ValueAtMost(0)
		}
		r.Figures = append(r.Figures, grows, fails)
	}
}

// add puts the times of kills into a result.
func (k Killed) add(r *result.Result) {
	r.Setup = append(r.Setup,
		fmt.Sprintf("SIGKILL to one worker after the other, %d times, until `/-/status` names a successor that is ready; it is asked every 2 ms.", len(k.Workers)),
		fmt.Sprintf("SIGKILL to the process that all workers are forked from, %d times, in turns over up to %d servers, until a search is answered again: this takes a whole start of MLflow. "+
			"Between the two the gate answers 503 with Retry-After, which the client repeats.", len(k.All), victims))
	r.Figures = append(r.Figures, result.Alone("One worker killed: until its successor is ready", "ms", result.Of(ours, in(k.Workers, time.Millisecond)...)).
		MedianAtMost(float64(backWithin/time.Millisecond)))
	if len(k.All) > 0 {
		r.Figures = append(r.Figures, result.Alone("All of MLflow killed: until a search is answered", "s", result.Of(ours, in(k.All, time.Second)...)))
	}
}

// add puts what became of the writes into a result.
func (l Report) add(r *result.Result, where string) {
	r.Figures = append(r.Figures,
		result.Alone(where+": acknowledged writes that are lost", "writes", result.Of(ours, float64(len(l.Lost)))).ValueAtMost(0),
		result.Alone(where+": acknowledged writes", "writes", result.Of(ours, float64(l.Acknowledged))),
		result.Alone(where+": writes without an answer", "writes", result.Of(ours, float64(l.Unanswered))))
	if len(l.Lost) > 0 {
		r.Notes = append(r.Notes, where+": lost: "+strings.Join(l.Lost, ", ")+".")
	}
}

func in(times []time.Duration, unit time.Duration) (values []float64) {
	for _, t := range times {
		values = append(values, float64(t)/float64(unit))
	}
	return values
}

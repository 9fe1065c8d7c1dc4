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

const ours = "mlflow-server"

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

// add puts a soak's figures into a result.
func (s Soaked) add(r *result.Result) {
	r.Setup = append(r.Setup,
		fmt.Sprintf("%d requests in %v, of ten: five `runs/log-metric`, two `runs/log-batch`, one each of `experiments/search`, `runs/search` and "+
			"`runs/get`. Memory is the proportional set size of the launcher and all of MLflow, in MB of 1,048,576 bytes, after the first quarter.",
			s.Sent, s.Length),
		"Growth is the slope of a straight line through it; expected is no more than twice the slope's standard error, which noise alone explains.")
	slope := result.Alone("Growth in an hour", "MB", result.Of(ours, s.curve.slope()))
	if noise := 2 * s.curve.error(); noise >= 0 { // not of fewer than three samples
		slope = slope.ValueAtMost(noise)
	}
	r.Figures = append(r.Figures,
		result.Alone("Memory of all processes", "MB", result.Of(ours, s.curve.y...)), slope,
		result.Alone("Requests that failed", "requests", result.Of(ours, float64(s.Failed))).ValueAtMost(0))
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
func (l Report) add(r *result.Result) {
	r.Setup = append(r.Setup, fmt.Sprintf("%d clients create runs, log metrics and upload artifacts while a worker of MLflow, or once in five times the parent "+
		"of all, gets SIGKILL at a random moment, %d times. Then everything that was answered with 2xx is looked for. A write without an answer "+
		"is no promise: its client knows that it has to repeat it.", writers, l.Kills))
	r.Figures = append(r.Figures,
		result.Alone("Acknowledged writes that are lost", "writes", result.Of(ours, float64(len(l.Lost)))).ValueAtMost(0),
		result.Alone("Acknowledged writes", "writes", result.Of(ours, float64(l.Acknowledged))),
		result.Alone("Writes without an answer", "writes", result.Of(ours, float64(l.Unanswered))))
	if len(l.Lost) > 0 {
		r.Notes = append(r.Notes, "Lost: "+strings.Join(l.Lost, ", ")+".")
	}
}

func in(times []time.Duration, unit time.Duration) (values []float64) {
	for _, t := range times {
		values = append(values, float64(t)/float64(unit))
	}
	return values
}

package status

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"time"

	"mlflow-server/internal/fasttrack"
	"mlflow-server/internal/tracking"
)

// Page answers with a Report. Pages asked for within a few seconds share one look at the database and the bucket.
type Page struct {
	// Version is this program's, MLflow the runtime's, Started when this process began.
	Version string
	MLflow  func() string
	Started time.Time
	// MemoryLimit is what all processes may take, in bytes, 0 for any.
	MemoryLimit int64
	// WorkerMemory is what one worker may take, in bytes, 0 for any or as long as that is not decided.
	WorkerMemory func() int64
	// Child tells about MLflow's processes.
	Child func() tracking.Status
	// Database and Artifacts are asked whether they can be reached; Artifacts may be nil, when that is MLflow's business.
	Database, Artifacts func(context.Context) error
	// Native says whether calls of training loops are answered without MLflow; nil says nothing about it.
	Native func() fasttrack.State

	database, artifacts question
}

// Report is what the page says.
type Report struct {
	// Status is "ready", or what the server is doing.
	Status string `json:"status"`
	// Detail is the same in a sentence.
	Detail  string `json:"detail"`
	Version string `json:"version"`
	MLflow  string `json:"mlflow_version"`
	// Uptime is the launcher's, Since how long the status has been what it is, both in seconds.
	Uptime int64 `json:"uptime_seconds"`
	Since  int64 `json:"status_for_seconds"`
	// Restarts counts starts of all of MLflow after the first one, WorkerRestarts replaced workers.
	Restarts       int      `json:"restarts"`
	WorkerRestarts int      `json:"worker_restarts"`
	Workers        []Worker `json:"workers"`
	Memory         Memory   `json:"memory"`
	// Schema is the revision of the database's schema.
	Schema    string `json:"schema_revision"`
	Database  *Reach `json:"database,omitempty"`
	Artifacts *Reach `json:"artifacts,omitempty"`
	// Native says whether calls of training loops are answered without MLflow, and why.
	Native *Native `json:"native_tracking,omitempty"`
}

// Native is a part of the server that can be on or off.
type Native struct {
	On      bool   `json:"on"`
	Because string `json:"because"`
}

// Worker is one process that answers requests.
type Worker struct {
	Index    int   `json:"index"`
	PID      int   `json:"pid"`
	Ready    bool  `json:"ready"`
	InFlight int   `json:"requests_in_flight"`
	Memory   int64 `json:"memory_bytes"`
}

// Memory is in bytes; shared memory counts once. 0 is unknown, a limit of 0 is none.
type Memory struct {
	Launcher    int64 `json:"launcher_bytes"`
	Total       int64 `json:"total_bytes"`
	Limit       int64 `json:"limit_bytes"`
	WorkerShare int64 `json:"worker_share_bytes"`
}

// Reach says whether something can be reached, and how long that took.
type Reach struct {
	// Reachable is nil, null in JSON, when that is not known: there was no answer in time.
	Reachable *bool   `json:"reachable"`
	Latency   float64 `json:"latency_ms"`
	Problem   string  `json:"problem,omitempty"`
}

// Answered says whether there was an answer, Fine whether it was a good one.
func (r *Reach) Answered() bool { return r.Reachable != nil }

// Fine implies Answered.
func (r *Reach) Fine() bool { return r.Reachable != nil && *r.Reachable }

const (
	// fresh is how long a look at the database and the bucket is shared.
	fresh = 3 * time.Second
	// reachLimit is shorter than a platform's patience with an answer.
	reachLimit = 10 * time.Second
)

// ServeHTTP implements http.Handler.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(p.Report(r.Context()))
}

// Report looks at everything.
func (p *Page) Report(ctx context.Context) Report {
	child := p.Child()
	report := Report{
		Status: string(child.Phase), Detail: child.Detail, Version: p.Version, MLflow: p.MLflow(),
		Uptime: int64(time.Since(p.Started).Seconds()), Since: int64(time.Since(child.Since).Seconds()),
		Restarts: child.Restarts, WorkerRestarts: child.WorkerRestarts, Schema: child.Schema, Workers: []Worker{},
		Memory: Memory{Launcher: tracking.Memory(os.Getpid()), Limit: p.MemoryLimit, WorkerShare: p.WorkerMemory()},
	}
	if child.Since.IsZero() {
		report.Since = report.Uptime
	}
	report.Memory.Total = report.Memory.Launcher
	parent := child.PID != 0
	for _, one := range child.Workers {
		worker := Worker{Index: one.Index, PID: one.PID, Ready: one.Ready, InFlight: one.InFlight, Memory: tracking.Memory(one.PID)}
		report.Workers = append(report.Workers, worker)
		report.Memory.Total += worker.Memory
		parent = parent && one.PID != child.PID
	}
	if parent {
		report.Memory.Total += tracking.Memory(child.PID)
	}
	if p.Native != nil {
		state := p.Native()
		report.Native = &Native{On: state.On, Because: state.Why}
	}
	report.Database, report.Artifacts = p.look(ctx, child.Ready)
	return report
}

// look asks the store and, through an MLflow that is ready, the database, at the same time. It returns nothing when ctx
// ends first.
func (p *Page) look(ctx context.Context, ready bool) (database, artifacts *Reach) {
	var first, second *glance
	if ready && p.Database != nil {
		// All threads of MLflow may be taken by other calls, which says nothing about the database; one that pauses may wake up.
		first = p.database.ask(ctx, p.Database, ": MLflow is busy with other calls, or the database does not answer it")
	}
	if p.Artifacts != nil {
		second = p.artifacts.ask(ctx, p.Artifacts, "")
	}
	return first.wait(ctx), second.wait(ctx)
}

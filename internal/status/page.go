package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
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

	mu   sync.Mutex
	last *glance
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
	Reachable bool    `json:"reachable"`
	Latency   float64 `json:"latency_ms"`
	Problem   string  `json:"problem,omitempty"`
}

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
	if child.Ready {
		report.Database, report.Artifacts = p.look(ctx)
	}
	return report
}

// glance is one question to the database and the store, shared by all who ask meanwhile and shortly after.
type glance struct {
	done                chan struct{} // closed when the rest is set
	ended               time.Time
	database, artifacts *Reach
}

// look asks the database and the store, at the same time. It is nobody's own: a caller that leaves says nothing about
// them to the others, who get the answer all the same. It returns nothing when ctx ends first.
func (p *Page) look(ctx context.Context) (database, artifacts *Reach) {
	current := p.current(ctx)
	select {
	case <-ctx.Done():
		return nil, nil
	case <-current.done:
		return current.database, current.artifacts
	}
}

// current is the one that is going on or still fresh, or else a new one.
func (p *Page) current(ctx context.Context) *glance {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last != nil {
		select {
		case <-p.last.done:
			if time.Since(p.last.ended) <= fresh {
				return p.last
			}
		default:
			return p.last
		}
	}
	l := &glance{done: make(chan struct{})}
	p.last = l
	go func() {
		ctx := context.WithoutCancel(ctx)
		var both sync.WaitGroup
		both.Go(func() { l.database = reach(ctx, p.Database) })
		both.Go(func() { l.artifacts = reach(ctx, p.Artifacts) })
		both.Wait()
		l.ended = time.Now()
		close(l.done)
	}()
	return l
}

// reach asks within a limit; nil asks nobody.
func reach(ctx context.Context, ask func(context.Context) error) *Reach {
	if ask == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	began := time.Now()
	err := ask(ctx)
	result := &Reach{Reachable: err == nil, Latency: float64(time.Since(began).Microseconds()) / 1000}
	switch {
	case errors.Is(err, context.DeadlineExceeded): // a database that pauses may be waking up
		result.Problem = fmt.Sprintf("no answer within %.0f s", reachLimit.Seconds())
	case err != nil:
		result.Problem = err.Error()
	}
	return result
}

package metrics

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"mlflow-server/internal/fasttrack"
	"mlflow-server/internal/gate"
	"mlflow-server/internal/tracking"
)

// Page answers with everything that is counted, in Prometheus' text format 0.0.4.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
type Page struct {
	Requests *Requests
	// Child tells about MLflow's processes.
	Child func() tracking.Status
	// Native counts the calls that can be answered without MLflow; nil for none.
	Native func() map[string]fasttrack.Count
	// Version is this program's, Started when it began.
	Version string
	Started time.Time
}

// ServeHTTP implements http.Handler.
func (p Page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	out := printer{w}
	p.Requests.print(out)
	p.printChild(out)
	p.printNative(out)
	out.head("info", "gauge", "The version that runs.")
	out.line("info", fmt.Sprintf("version=%q", p.Version), 1)
	out.head("start_time_seconds", "gauge", "When the launcher was started, in seconds since 1970.")
	out.line("start_time_seconds", "", float64(p.Started.Unix()))
}

func (m *Requests) print(out printer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out.head("requests_in_flight", "gauge", "Requests that are being answered.")
	out.line("requests_in_flight", "", float64(m.inFlight))

	out.head("requests_total", "counter", "Requests by part of the server and status; 0 is a client that left before its answer.")
	for _, a := range slices.SortedFunc(maps.Keys(m.answers), func(a, b answer) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.status, b.status))
	}) {
		out.line("requests_total", fmt.Sprintf("route=%q,code=\"%d\"", a.class, a.status), float64(m.answers[a]))
	}
	out.head("logins_refused_total", "counter", "Attempts to sign in that were refused: with a wrong name, password or token, "+
		"after too many of those, or because too many passwords waited to be checked.")
	for _, reason := range []string{gate.RefusedWrong, gate.RefusedThrottled, gate.RefusedBusy} {
		out.line("logins_refused_total", fmt.Sprintf("reason=%q", reason), float64(m.refused[reason]))
	}

	out.head("request_seconds", "histogram", "Time from a request's headers to the end of its answer.")
	for _, class := range slices.Sorted(maps.Keys(m.times)) {
		h, sum := m.times[class], uint64(0)
		for i, bound := range bounds {
			sum += h.counts[i]
			out.line("request_seconds_bucket", fmt.Sprintf("route=%q,le=\"%s\"", class, number(bound)), float64(sum))
		}
		out.line("request_seconds_bucket", fmt.Sprintf("route=%q,le=\"+Inf\"", class), float64(h.count))
		out.line("request_seconds_sum", fmt.Sprintf("route=%q", class), h.sum)
		out.line("request_seconds_count", fmt.Sprintf("route=%q", class), float64(h.count))
	}
}

func (p Page) printChild(out printer) {
	s := p.Child()
	ready := 0.0
	if s.Ready {
		ready = 1
	}
	out.head("ready", "gauge", "1 when MLflow answers requests.")
	out.line("ready", "", ready)
	out.head("restarts_total", "counter", "Starts of all MLflow processes after the first one.")
	out.line("restarts_total", "", float64(s.Restarts))
	out.head("worker_restarts_total", "counter", "MLflow workers that were replaced.")
	out.line("worker_restarts_total", "", float64(s.WorkerRestarts))
	out.head("worker_requests_in_flight", "gauge", "Requests that a worker is answering.")
	for _, w := range s.Workers {
		out.line("worker_requests_in_flight", fmt.Sprintf("worker=\"%d\"", w.Index), float64(w.InFlight))
	}
	out.head("memory_bytes", "gauge", "Proportional set size of the launcher, of MLflow's parent process and of the workers.")
	out.memory("process=\"launcher\"", os.Getpid())
	parent := true
	for _, w := range s.Workers {
		out.memory(fmt.Sprintf("process=\"worker\",worker=\"%d\"", w.Index), w.PID)
		parent = parent && w.PID != s.PID
	}
	if parent && s.PID != 0 {
		out.memory("process=\"parent\"", s.PID)
	}
}

func (p Page) printNative(out printer) {
	if p.Native == nil {
		return
	}
	counts := p.Native()
	out.head("native_calls_total", "counter", "Calls that native tracking looked at, by who answered them.")
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out.line("native_calls_total", fmt.Sprintf("call=%q,answered_by=\"mlflow-server\"", name), float64(counts[name].Native))
		out.line("native_calls_total", fmt.Sprintf("call=%q,answered_by=\"mlflow\"", name), float64(counts[name].Handed))
	}
}

// printer writes lines; an error of the writer is the client's, who is gone.
type printer struct{ to io.Writer }

const prefix = "mlflow_server_"

func (p printer) head(name, kind, help string) {
	fmt.Fprintf(p.to, "# HELP %s%s %s\n# TYPE %s%s %s\n", prefix, name, help, prefix, name, kind)
}

func (p printer) line(name, labels string, value float64) {
	if labels != "" {
		labels = "{" + labels + "}"
	}
	fmt.Fprintf(p.to, "%s%s%s %s\n", prefix, name, labels, number(value))
}

func (p printer) memory(labels string, pid int) {
	if bytes := tracking.Memory(pid); bytes > 0 {
		p.line("memory_bytes", labels, float64(bytes))
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

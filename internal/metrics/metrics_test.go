package metrics

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/internal/gate"
	"mlflow-server/internal/tracking"
)

func TestPathsAreCountedByPartOfTheServer(t *testing.T) {
	for path, want := range map[string]string{
		"/":                     "ui",
		"/static-files/main.js": "ui",
		"/health":               "health",
		"/-/status":             "own",
		"/graphql":              "graphql",
		"/v1/traces":            "traces",
		"/get-artifact":         "artifact-files",
		"/api/2.0/mlflow-artifacts/artifacts/0/x": "artifact-files",
		"/ajax-api/2.0/mlflow/runs/search":        "runs",
		"/api/2.0/mlflow/runs/log-batch":          "runs",
		"/api/3.0/mlflow/traces/search":           "traces",
		"/api/2.0/mlflow/made-up-by-somebody":     "other",
		"/api/":                                   "other",
		"/anything":                               "other",
	} {
		if got := class(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func page(requests *Requests, status tracking.Status) string {
	w := httptest.NewRecorder()
	Page{Requests: requests, Child: func() tracking.Status { return status }, Version: "1.2.3", Started: time.Unix(1000, 0)}.
		ServeHTTP(w, httptest.NewRequest("GET", "/-/metrics", nil))
	return w.Body.String()
}

func TestThePageHasWhatWasCounted(t *testing.T) {
	var requests Requests
	h := requests.Count(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Authorization") {
		case "":
			w.WriteHeader(http.StatusUnauthorized)
		case "leaves":
		default:
			_, _ = io.WriteString(w, "hello")
		}
	}))
	var all sync.WaitGroup
	for _, login := range []string{"ann", "ann", "", "leaves"} {
		all.Go(func() {
			r := httptest.NewRequest("POST", "/api/2.0/mlflow/runs/search", nil)
			r.Header.Set("Authorization", login)
			h.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	all.Wait()
	for _, reason := range []string{gate.RefusedWrong, gate.RefusedThrottled, gate.RefusedWrong} {
		requests.LoginRefused(reason)
	}
	requests.began()
	requests.ended("runs", 200, 40*time.Second) // more than the last bound
	got := page(&requests, tracking.Status{
		Ready: true, Restarts: 2, WorkerRestarts: 3, PID: os.Getppid(),
		Workers: []tracking.WorkerStatus{{Index: 0, PID: os.Getpid(), InFlight: 4}},
	})
	for _, line := range []string{
		`mlflow_server_requests_total{route="runs",code="200"} 3`,
		`mlflow_server_requests_total{route="runs",code="401"} 1`,
		`mlflow_server_requests_total{route="runs",code="0"} 1`,
		// A request without a login, though it is answered with 401, is nobody's attempt.
		`mlflow_server_logins_refused_total{reason="wrong"} 2`,
		`mlflow_server_logins_refused_total{reason="throttled"} 1`,
		`mlflow_server_logins_refused_total{reason="busy"} 0`,
		`mlflow_server_request_seconds_bucket{route="runs",le="30"} 4`,
		`mlflow_server_request_seconds_bucket{route="runs",le="+Inf"} 5`,
		`mlflow_server_request_seconds_count{route="runs"} 5`,
		`mlflow_server_ready 1`,
		`mlflow_server_restarts_total 2`,
		`mlflow_server_worker_restarts_total 3`,
		`mlflow_server_worker_requests_in_flight{worker="0"} 4`,
		`mlflow_server_info{version="1.2.3"} 1`,
		`mlflow_server_start_time_seconds 1000`,
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("%s is missing in:\n%s", line, got)
		}
	}
	if _, err := parse(got); err != nil {
		t.Error(err)
	}
	requests.began()
	if got := page(&requests, tracking.Status{}); !strings.Contains(got, "mlflow_server_requests_in_flight 1\n") {
		t.Errorf("requests in flight:\n%s", got)
	}
}

func TestMemoryIsToldForEachProcess(t *testing.T) {
	if tracking.Memory(os.Getpid()) == 0 {
		t.Skip("/proc/PID/smaps_rollup is missing on this machine")
	}
	got := page(&Requests{}, tracking.Status{Workers: []tracking.WorkerStatus{{Index: 0, PID: os.Getpid()}}})
	for _, label := range []string{`{process="launcher"} `, `{process="worker",worker="0"} `} {
		if !strings.Contains(got, "mlflow_server_memory_bytes"+label) {
			t.Errorf("%s is missing in:\n%s", label, got)
		}
	}
}

package refusals

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// asking is Python that asks again and again, many at a time and each once, until something is raised.
const asking = `
import os, threading
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
import mlflow
client = mlflow.MlflowClient()
raised = []
def ask(who):
    for n in range(10000):
        if raised:
            return
        try:
            client.create_experiment(f"{who} {n}")
        except Exception as error:
            raised.append(f"{type(error).__name__}: {error}")
threads = [threading.Thread(target=ask, args=(who,)) for who in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("raised", raised[0])
`

func TestARequestThatMLflowBreaksOffIsRefusedInTheSameWay(t *testing.T) {
	server := harness.Start(t, harness.Options{Env: map[string]string{"WEB_CONCURRENCY": "2"}})

	t.Run("for the client", func(t *testing.T) {
		var out string
		var err error
		killing(t, server, func() { out, err = harness.PythonSource(t, server.Client, asking) })
		if err != nil || !strings.Contains(out, "raised MlflowException: ") || !strings.Contains(out, "too many 502 error responses") {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("for a person", func(t *testing.T) {
		var page harness.Answer
		killing(t, server, func() { page = askUntilRefused(t, server.Client) })
		refusal{status: 502, title: "MLflow did not answer", says: "broke off this request", refresh: true}.checkPage(t, page)
		if page.Header.Get("Retry-After") == "" {
			t.Error("there is no Retry-After")
		}
	})
}

// askUntilRefused asks for a page, some at a time, until an answer is not 200.
func askUntilRefused(t *testing.T, c harness.Client) harness.Answer {
	t.Helper()
	var (
		wait    sync.WaitGroup
		mu      sync.Mutex
		refused harness.Answer
	)
	done := func(a harness.Answer) bool {
		mu.Lock()
		defer mu.Unlock()
		if a.Status != http.StatusOK && refused.Status == 0 {
			refused = a
		}
		return refused.Status != 0
	}
	for range 6 {
		wait.Go(func() {
			for !done(c.Request(t, http.MethodGet, "/version", nil, func(r *http.Request) { r.Header.Set("Accept", "text/html") })) {
			}
		})
	}
	wait.Wait()
	return refused
}

// grown is how long a worker is left alone that was seen ready: the death of one that lives for less than a second is one of a
// row that ends all of MLflow.
const grown = 1500 * time.Millisecond

// killing kills a worker that has requests again and again, while another one is ready, until do has returned.
func killing(t *testing.T, server *harness.Instance, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		select {
		case <-done:
			return
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was ever refused")
		}
		workers := workers(t, server.Client)
		if len(workers) < 2 || !workers[0].Ready || !workers[1].Ready {
			continue
		}
		time.Sleep(grown)
		// Requests that reach it now wait until they are broken off.
		_ = syscall.Kill(workers[1].PID, syscall.SIGSTOP)
		time.Sleep(300 * time.Millisecond)
		_ = syscall.Kill(workers[1].PID, syscall.SIGKILL)
	}
}

type worker struct {
	PID   int  `json:"pid"`
	Ready bool `json:"ready"`
}

func workers(t *testing.T, c harness.Client) []worker {
	t.Helper()
	answer := c.Request(t, http.MethodGet, "/-/status", nil, nil)
	var status struct {
		Workers []worker `json:"workers"`
	}
	if err := json.Unmarshal([]byte(answer.Body), &status); err != nil {
		t.Fatalf("%v\n%s", err, answer.Body)
	}
	return status.Workers
}

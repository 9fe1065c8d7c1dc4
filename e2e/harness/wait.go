package harness

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// WaitListening waits until the port answers, whatever it says.
func (i *Instance) WaitListening() {
	i.t.Helper()
	i.wait("nothing listens", bootLimit, func() bool {
		connection, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", i.Port), time.Second)
		if err != nil {
			return false
		}
		_ = connection.Close()
		return true
	})
}

// WaitHealthy waits until GET /health answers 200.
func (i *Instance) WaitHealthy() {
	i.t.Helper()
	i.wait("GET /health is not 200", bootLimit, func() bool {
		answer, err := plainHTTP.Get(i.URL + "/health")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// WaitLog waits until the instance has printed a text.
func (i *Instance) WaitLog(text string) {
	i.t.Helper()
	i.wait(fmt.Sprintf("%q is not in the log", text), bootLimit, func() bool { return strings.Contains(i.Log(), text) })
}

func (i *Instance) wait(problem string, limit time.Duration, reached func() bool) {
	i.t.Helper()
	deadline := time.Now().Add(limit)
	for !reached() {
		select {
		case <-i.done:
			if reached() {
				return
			}
			i.t.Fatalf("%s: mlflow-server has ended (%v):\n%s", problem, i.cmd.ProcessState, Tail(i.Log(), 60))
		case <-time.After(25 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			i.t.Fatalf("%s after %v:\n%s", problem, limit, Tail(i.Log(), 60))
		}
	}
}

package tracking_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestAnotherMLflowIsRunByItsPublicCommandLine(t *testing.T) {
	o := options(t)
	o.Runtime.Locked = false
	r := run(t, o)
	pids := r.untilReady(t, 1)
	if body := r.mustSearch(t); !strings.Contains(body, "mlflow-artifacts:/0") {
		t.Errorf("experiments: %s", body)
	}
	if code, body := r.ask(t, http.MethodPut, "/api/2.0/mlflow-artifacts/artifacts/a/b.txt", "hello"); code != http.StatusOK {
		t.Errorf("upload: %d %s", code, body)
	}
	if code, body := r.ask(t, http.MethodGet, "/api/2.0/mlflow-artifacts/artifacts/a/b.txt", ""); code != http.StatusOK || body != "hello" {
		t.Errorf("download: %d %s", code, body)
	}
	processes := group(t, pids[0])
	for pid, command := range processes {
		if strings.Contains(command, "mlflow.db") {
			t.Errorf("process %d has the database in its arguments: %s", pid, command)
		}
	}
	r.stop()
	if err := r.result(t); err != nil {
		t.Error(err)
	}
	gone(t, processes)
}

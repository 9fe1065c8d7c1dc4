package sqlite_test

import (
	"net/http"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// survivesItsChildren kills every process of MLflow, as the kernel does when memory runs out.
func survivesItsChildren(t *testing.T, server *harness.Instance) {
	create(t, server, "before")
	killed := server.KillChildren()
	if killed == 0 {
		t.Fatal("the server has no child to kill")
	}
	began := time.Now()
	for deadline := began.Add(4 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		got := exists(t, server, "before")
		if got == http.StatusOK && server.HasChildren() {
			break
		}
		if got != http.StatusServiceUnavailable && got != http.StatusBadGateway && got != http.StatusOK {
			t.Errorf("while MLflow was away the answer was %d", got)
		}
		if time.Now().After(deadline) {
			t.Fatalf("MLflow is not back after four minutes:\n%s", harness.Tail(server.Log(), 40))
		}
	}
	t.Logf("%d processes killed, answers again after %v", killed, time.Since(began))
	create(t, server, "after")
}

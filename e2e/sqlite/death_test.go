package sqlite_test

import (
	"net/http"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

func TestMLflowIsStartedAgainWhenItDies(t *testing.T) {
	server := harness.Start(t, harness.Options{Env: map[string]string{"WEB_CONCURRENCY": "2"}})
	if out, err := harness.Python(t, server.Client, "exercise.py", "runs"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	killed := server.KillChildren()
	if killed == 0 {
		t.Fatal("the server has no child to kill")
	}
	status := func() int {
		return server.Request(t, http.MethodGet, "/ajax-api/2.0/mlflow/experiments/get?experiment_id=0", nil, nil).Status
	}
	began := time.Now()
	for deadline := began.Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		got := status()
		if got == http.StatusOK && server.HasChildren() {
			break
		}
		if got != http.StatusServiceUnavailable && got != http.StatusBadGateway && got != http.StatusOK {
			t.Errorf("while MLflow was away the answer was %d", got)
		}
		if time.Now().After(deadline) {
			t.Fatalf("MLflow is not back after two minutes:\n%s", harness.Tail(server.Log(), 40))
		}
	}
	t.Logf("%d processes killed, answers again after %v", killed, time.Since(began))
	if out, err := harness.Python(t, server.Client, "exercise.py", "runs"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestChildrenFollowALauncherThatIsKilled(t *testing.T) {
	server := harness.Start(t, harness.Options{})
	server.Kill()
}

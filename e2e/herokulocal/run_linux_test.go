package herokulocal

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// TestTheExampleRunsAsItIsAndCtrlCLeavesNothing is "cp .env.example .env" and "heroku local", in a directory with what the
// README has somebody build, with the real MLflow.
func TestTheExampleRunsAsItIsAndCtrlCLeavesNothing(t *testing.T) {
	heroku := harness.Require(t, "heroku")
	harness.Runtime(t)
	dir := t.TempDir()
	for from, to := range map[string]string{"../../Procfile": "Procfile", "../../.env.example": ".env", harness.Binary(t): "bin/mlflow-server"} {
		copyTo(t, from, filepath.Join(dir, to))
	}
	port := harness.FreePort(t)
	cmd := exec.Command(heroku, "local", "--port", fmt.Sprint(port))
	cmd.Dir = dir
	cmd.Env = append(environment(t), "TERM=xterm-256color")
	window := open(t, cmd)
	server := harness.Client{URL: fmt.Sprintf("http://127.0.0.1:%d", port), User: "mlflow", Password: "mlflow"}
	waitHealthy(t, server, window)

	if answer := server.As("mlflow", "wrong").Request(t, http.MethodGet, "/api/2.0/mlflow/experiments/get?experiment_id=0", nil, nil); answer.Status != http.StatusUnauthorized {
		t.Errorf("a wrong password is answered by %d", answer.Status)
	}
	// The password is the one that everybody knows: no other site may come in by pointing its own name at this machine.
	for host, want := range map[string]int{"localhost": http.StatusOK, "127.0.0.1": http.StatusOK, "evil.example": http.StatusForbidden} {
		answer := server.Request(t, http.MethodGet, "/version", nil, func(r *http.Request) { r.Host = fmt.Sprintf("%s:%d", host, port) })
		if answer.Status != want {
			t.Errorf("as %s: %d", host, answer.Status)
		}
	}
	printed, err := harness.PythonSource(t, server, `
import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("m", 42)
    mlflow.log_text("hello", "greeting.txt")
assert mlflow.get_run(run.info.run_id).data.metrics == {"m": 42}
assert mlflow.artifacts.load_text(run.info.artifact_uri + "/greeting.txt") == "hello"
print("logged")`)
	if err != nil || !strings.Contains(printed, "logged") {
		t.Errorf("the client: %v\n%s\n%s", err, printed, window)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		switch entry.Name() {
		case "Procfile", ".env", "bin", "mlflow-data":
		default:
			t.Errorf("it left %s beside the Procfile", entry.Name())
		}
	}

	survivors := harness.Survivors(cmd.Process.Pid)
	window.interrupt(t)
	select {
	case <-window.done:
	case <-time.After(3 * time.Minute):
		t.Fatalf("heroku local still runs three minutes after Ctrl-C:\n%s", window)
	}
	// heroku does not wait for what it has started; the terminal's SIGINT has reached all of it.
	left := survivors()
	for deadline := time.Now().Add(2 * time.Minute); len(left) > 0 && time.Now().Before(deadline); left = survivors() {
		time.Sleep(50 * time.Millisecond)
	}
	if len(left) > 0 {
		t.Errorf("these are left: %q\n%s", left, window)
	}
	if text := window.String(); strings.Contains(text, "Traceback") || strings.Contains(text, "level=ERROR") {
		t.Errorf("it did not end well:\n%s", text)
	}
}

func waitHealthy(t *testing.T, server harness.Client, window *terminal) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; {
		if response, err := http.Get(server.URL + "/health"); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-window.done:
			t.Fatalf("heroku local has ended:\n%s", window)
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("it is not healthy:\n%s", window)
		}
	}
}

// copyTo copies a file with its mode.
func copyTo(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, text, info.Mode())
	}
	if err != nil {
		t.Fatal(err)
	}
}

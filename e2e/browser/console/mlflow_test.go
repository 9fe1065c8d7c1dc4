package console

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// startMLflow runs the locked MLflow by its own command line, without anything in front of it, on the data of a server of ours,
// until the test ends. It returns its address.
func startMLflow(t *testing.T, data string) string {
	t.Helper()
	runtime, dir, port := harness.Runtime(t), t.TempDir(), harness.FreePort(t)
	command := exec.CommandContext(t.Context(), filepath.Join(runtime.BinDir(), "mlflow"), "server",
		"--host", "127.0.0.1", "--port", strconv.Itoa(port), "--workers", "1",
		"--backend-store-uri", "sqlite:///"+filepath.Join(data, "mlflow.db"), "--artifacts-destination", filepath.Join(data, "mlruns"))
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	command.Dir, command.Stdout, command.Stderr = dir, log, log
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + os.TempDir(), "LANG=C.UTF-8",
		"MLFLOW_DISABLE_TELEMETRY=true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false",
	}, runtime.Environ()...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the command line leaves its workers behind
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = command.Cancel()
		<-ended
		_ = log.Close()
	})
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		answer, err := http.Get(url + "/health") //nolint:gosec // of this test
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return url
			}
		}
		select {
		case <-ended:
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("MLflow has ended:\n%s", harness.Tail(string(text), 20))
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("MLflow does not answer: %v", err)
		}
	}
}

package lifecyclestop

import (
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// Platforms repeat SIGTERM, and people press Ctrl-C again.
func TestASecondSignalForcesTheEndUnlessItIsADynosSIGTERM(t *testing.T) {
	dyno := map[string]string{"DYNO": "web.1", "MLFLOW_ALLOW_EPHEMERAL": "true", "MLFLOW_FORCE_HTTPS": "false"}
	for _, tt := range []struct {
		name   string
		env    map[string]string
		signal syscall.Signal
		forces bool
	}{
		{"SIGTERM", map[string]string{}, syscall.SIGTERM, true},
		{"SIGTERM on a dyno", dyno, syscall.SIGTERM, false},
		{"SIGINT on a dyno", dyno, syscall.SIGINT, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.env["MLFLOW_DRAIN_SECONDS"] = "300"
			s := harness.Start(t, harness.Options{Env: tt.env})
			half := len(uploaded) / 2
			body, rest := io.Pipe()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+artifacts+"slow.txt", body)
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = int64(len(uploaded))
			r.SetBasicAuth(s.User, s.Password)
			status := make(chan int, 1)
			go func() {
				response, err := http.DefaultClient.Do(r)
				if err != nil {
					_ = body.CloseWithError(err)
					status <- 0
					return
				}
				_ = response.Body.Close()
				status <- response.StatusCode
			}()
			if _, err := io.WriteString(rest, uploaded[:half]); err != nil {
				t.Fatal(err)
			}
			s.Signal(tt.signal)
			s.WaitLog("msg=stopping")
			time.Sleep(1500 * time.Millisecond)
			s.SignalAll(tt.signal)
			if tt.forces {
				if code := s.WaitExit(2 * time.Minute); code != 0 {
					t.Errorf("exit code %d", code)
				}
				_ = rest.Close()
				if got := <-status; got == http.StatusOK {
					t.Error("half an upload is acknowledged")
				}
				return
			}
			time.Sleep(time.Second)
			if _, err := io.WriteString(rest, uploaded[half:]); err != nil {
				t.Error(err)
			}
			_ = rest.Close()
			if got := <-status; got != http.StatusOK {
				t.Errorf("the upload in flight was answered with %d", got)
			}
			if code := s.WaitExit(2 * time.Minute); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

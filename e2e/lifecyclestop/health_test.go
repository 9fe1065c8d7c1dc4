package lifecyclestop

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// A load balancer that asks a server which drains finds a port that is closed, while what is in flight goes on.
func TestNobodyIsToldThatADrainingServerIsHealthy(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_DRAIN_SECONDS": "300"}})
	body, write := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+"/api/2.0/mlflow-artifacts/artifacts/0/slow.txt", body)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(s.User, s.Password)
	answered := make(chan string, 1)
	go func() {
		answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
		if err != nil {
			answered <- err.Error()
			return
		}
		_ = answer.Body.Close()
		answered <- answer.Status
	}()
	if _, err := io.WriteString(write, "half of it, "); err != nil {
		t.Fatal(err)
	}
	until(t, "an upload that is under way", func() bool { // the question itself is the other one
		return strings.Contains(s.Request(t, http.MethodGet, "/-/metrics", nil, nil).Body, "mlflow_server_requests_in_flight 2\n")
	})
	s.Signal(syscall.SIGTERM)
	address := fmt.Sprintf("127.0.0.1:%d", s.Port)
	until(t, "a closed port", func() bool {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = connection.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED) // and no time-out, which says nothing of the port
	})
	if answer, err := http.Get(s.URL + "/health"); err == nil {
		_ = answer.Body.Close()
		t.Errorf("/health is answered with %s", answer.Status)
	}
	select {
	case status := <-answered:
		t.Fatalf("the upload is over: %s", status)
	default:
	}
	if _, err := io.WriteString(write, "and the rest"); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	if status := <-answered; status != "200 OK" {
		t.Errorf("the upload was answered with %s", status)
	}
	if code := s.WaitExit(2 * time.Minute); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for began := time.Now(); !reached(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("%s: not within two minutes", what)
		}
	}
}

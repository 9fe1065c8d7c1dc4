package sqlite_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// finishesAnUpload stops the server while a client is in the middle of an upload, which must succeed.
func finishesAnUpload(t *testing.T, server *harness.Instance) {
	reader, writer := io.Pipe()
	arrived, status := make(chan struct{}), make(chan int, 1)
	go func() {
		defer close(status)
		path := "/api/2.0/mlflow-artifacts/artifacts/in-flight/file.txt"
		answer := server.Request(t, http.MethodPut, path, reader, func(r *http.Request) {
			// The server says 100 Continue when it begins to read: then the request has arrived for certain.
			r.Header.Set("Expect", "100-continue")
			trace := &httptrace.ClientTrace{Got100Continue: func() { close(arrived) }}
			*r = *r.WithContext(httptrace.WithClientTrace(r.Context(), trace))
		})
		status <- answer.Status
	}()
	if _, err := io.WriteString(writer, "first half, "); err != nil {
		t.Fatal(err)
	}
	select {
	case <-arrived:
	case got := <-status:
		t.Fatalf("the upload was answered with %d before it was sent", got)
	case <-time.After(2 * time.Minute):
		t.Fatal("the upload has not arrived after two minutes")
	}

	server.Signal(syscall.SIGTERM)
	address := fmt.Sprintf("127.0.0.1:%d", server.Port)
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		connection.Close()
		if time.Now().After(deadline) {
			t.Fatal("the server still takes connections two minutes after SIGTERM")
		}
	}
	if _, err := io.WriteString(writer, "second half"); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-status; got != http.StatusOK {
		t.Errorf("the upload was answered with %d", got)
	}
	if code := server.WaitExit(2 * time.Minute); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
	stored, err := os.ReadFile(filepath.Join(server.Dir, "artifacts here", "in-flight", "file.txt"))
	if err != nil || !strings.HasPrefix(string(stored), "first half, second half") {
		t.Errorf("%q was stored (%v)", stored, err)
	}
}

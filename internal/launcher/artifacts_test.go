package launcher

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"mlflow-server/internal/artifacts"
	"mlflow-server/internal/config"
	"mlflow-server/internal/gate"
	"mlflow-server/internal/gate/gatetest"
)

// readyMLflow is one that nobody asks.
type readyMLflow struct{ http.RoundTripper }

func (readyMLflow) Ready() bool { return true }

func (readyMLflow) Phase() (bool, string) { return true, "" }

// A transfer that cannot be interrupted is given its time, but not after a second signal.
func TestASecondSignalDoesNotWaitForTransfers(t *testing.T) {
	room, err := artifacts.New(artifacts.Options{
		Artifacts: config.Artifacts{Kind: config.Directory, Path: t.TempDir()}, Directory: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	handler := gate.New(gate.Options{Users: gatetest.Everybody{}, Upstream: readyMLflow{}, Rooms: []gate.Room{room}, Log: slog.New(slog.DiscardHandler)})
	body, rest := io.Pipe() // which has no deadlines
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = recover() }() // it is cut off
		r := httptest.NewRequest(http.MethodPut, "/api/2.0/mlflow-artifacts/artifacts/a.txt", body)
		r.SetBasicAuth("ann", "secret")
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}()
	if _, err := io.WriteString(rest, "half"); err != nil {
		t.Fatal(err)
	}
	forced := make(chan struct{})
	close(forced)
	began := time.Now()
	leaveRoom(room, forced, slog.New(slog.DiscardHandler))
	if took := time.Since(began); took >= cleanupTimeout {
		t.Errorf("it took %v", took)
	}
	_ = rest.Close()
	<-ended
}

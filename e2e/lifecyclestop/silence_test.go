package lifecyclestop

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// A database whose network is gone says nothing any more, also when it is told that its connections end. A platform kills what
// waits for that.
func TestAStopDoesNotWaitForADatabaseThatHasFallenSilent(t *testing.T) {
	database := harness.Postgres(t)
	line := startLine(t, &database)
	s := harness.Start(t, harness.Options{Env: database.Environment(map[string]string{"MLFLOW_DRAIN_SECONDS": "1"})})
	s.WaitLog(`msg="native tracking" is=on`)
	run := createRun(t, s)
	metric := func() (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/2.0/mlflow/runs/log-metric",
			strings.NewReader(fmt.Sprintf(`{"run_id": %q, "key": "m", "value": 1, "timestamp": 1}`, run)))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/json")
		r.SetBasicAuth(s.User, s.Password)
		return http.DefaultClient.Do(r)
	}
	answer, err := metric()
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	line.silent.Store(true)
	cut := make(chan struct{})
	go func() {
		defer close(cut)
		if answer, err := metric(); err == nil {
			_ = answer.Body.Close()
		}
	}()
	for began := time.Now(); line.swallowed.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > 2*time.Minute {
			t.Fatal("the call does not reach the database")
		}
	}
	began := time.Now()
	s.Stop()
	<-cut
	// A second of drain, one for the database and three that MLflow gets to stop. The rest is for a busy machine; who waits as
	// long as the driver does by itself, 15 s, takes at least 16 with the drain.
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
	if !strings.Contains(s.Log(), "the database does not answer and is not waited for") {
		t.Error("the log does not say that nobody waits for the database")
	}
}

// createRun makes a run and returns its id.
func createRun(t *testing.T, s *harness.Instance) string {
	t.Helper()
	a := s.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/create", strings.NewReader(`{"experiment_id": "0", "start_time": 1}`),
		func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
	var made struct {
		Run struct{ Info struct{ Run_ID string } }
	}
	if err := json.Unmarshal([]byte(a.Body), &made); err != nil || made.Run.Info.Run_ID == "" {
		t.Fatalf("making a run: %d %s (%v)", a.Status, a.Body, err)
	}
	return made.Run.Info.Run_ID
}

// line passes connections on to a database, until it is silent: then it takes what comes and hands nothing on.
type line struct {
	silent    atomic.Bool
	swallowed atomic.Int64 // bytes
}

// startLine has the database reached through a line.
func startLine(t *testing.T, database *harness.Database) *line {
	t.Helper()
	target := net.JoinHostPort(database.Host, fmt.Sprint(database.Port))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	database.Host, database.Port = "127.0.0.1", listener.Addr().(*net.TCPAddr).Port
	l := &line{}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				continue
			}
			go l.pass(client, server)
			go l.pass(server, client)
		}
	}()
	return l
}

func (l *line) pass(from, to net.Conn) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if l.silent.Load() {
			l.swallowed.Add(int64(n))
			if err != nil {
				return // the other side does not hear of it
			}
			continue
		}
		if _, wrong := to.Write(b[:n]); err != nil || wrong != nil {
			_ = from.Close()
			_ = to.Close()
			return
		}
	}
}

package lifecyclestop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// clients is how many send requests while the server is stopped, about half of them each on a new connection.
const clients = 12

func TestAStopUnderLoadFailsNoRequestInFlight(t *testing.T) {
	for run := range harness.Times(5, 50) {
		// Native tracking is there on PostgreSQL alone; on SQLite MLflow answers.
		if run%2 == 0 {
			t.Run(fmt.Sprint(run, " SQLite"), func(t *testing.T) {
				stopUnderLoad(t, run, harness.Start(t, harness.Options{}), nil)
			})
			continue
		}
		t.Run(fmt.Sprint(run, " PostgreSQL"), func(t *testing.T) {
			database := harness.Postgres(t)
			s := harness.Start(t, harness.Options{Env: database.Environment(map[string]string{"MLFLOW_ARTIFACT_URI": t.TempDir()})})
			s.WaitLog(`msg="native tracking" is=on`)
			m := &metrics{run: createRun(t, s)}
			stopUnderLoad(t, run, s, m)
			m.check(t, database)
		})
	}
}

// ends waits for the end without another signal: one that a busy machine brings more than a second later forces it.
func ends(t *testing.T, s *harness.Instance) {
	t.Helper()
	if code := s.WaitExit(2 * time.Minute); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// stopUnderLoad stops a server that is busy. Clients log metrics where m says for which run.
func stopUnderLoad(t *testing.T, run int, s *harness.Instance, m *metrics) {
	kinds := []func(*client) error{search, upload, models}
	if m != nil {
		kinds = append(kinds, m.log, m.logBatch)
	}
	var answered, sent atomic.Int64
	var failures sync.Map
	var work sync.WaitGroup
	ctx, end := context.WithCancel(t.Context())
	defer end()
	for n := range clients {
		work.Go(func() {
			c := &client{Instance: s, n: n, http: &http.Client{Timeout: 3 * time.Minute,
				Transport: &http.Transport{MaxConnsPerHost: 1, DisableKeepAlives: n/len(kinds)%2 == 1}}}
			for ctx.Err() == nil {
				sent.Add(1)
				if err := kinds[n%len(kinds)](c); errors.Is(err, errNotAccepted) {
					return // the port is closed: no request was in flight
				} else if err != nil {
					failures.Store(fmt.Sprintf("client %d: %v", n, err), true)
					return
				}
				answered.Add(1)
			}
		})
	}
	slow := startTransfers(t, s)
	for began := time.Now(); answered.Load() < 3*clients && time.Since(began) < time.Minute; {
		time.Sleep(10 * time.Millisecond)
	}
	work.Go(func() {
		for !strings.Contains(s.Log(), "msg=stopping") && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		if err := slow.finish(); err != nil {
			failures.Store(err.Error(), true)
		}
	})
	switch run % 3 {
	case 0:
		s.Stop()
	case 1: // as a platform does it: every process, and more than once
		s.SignalAll(syscall.SIGTERM, syscall.SIGTERM)
		ends(t, s)
	case 2: // as a terminal does it
		s.SignalAll(syscall.SIGINT)
		ends(t, s)
	}
	end()
	work.Wait()
	t.Logf("%d requests, %d answered", sent.Load(), answered.Load())
	failures.Range(func(failure, _ any) bool { t.Errorf("a request failed: %v", failure); return true })
}

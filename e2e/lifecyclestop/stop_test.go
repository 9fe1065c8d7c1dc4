package lifecyclestop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// clients is how many send requests while the server is stopped.
const clients = 8

func TestAStopUnderLoadFailsNoRequestInFlight(t *testing.T) {
	for run := range harness.Times(5, 50) {
		t.Run(fmt.Sprint(run), func(t *testing.T) {
			s := harness.Start(t, harness.Options{})
			var answered, sent atomic.Int64
			var failures sync.Map
			var work sync.WaitGroup
			ctx, end := context.WithCancel(t.Context())
			for n := range clients {
				work.Go(func() {
					client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}, Timeout: time.Minute}
					for ctx.Err() == nil {
						sent.Add(1)
						if err := search(client, s, n); errors.Is(err, errNotAccepted) {
							return // the port is closed: no request was in flight
						} else if err != nil {
							failures.Store(err.Error(), true)
							return
						}
						answered.Add(1)
					}
				})
			}
			for began := time.Now(); answered.Load() < 2*clients && time.Since(began) < time.Minute; {
				time.Sleep(10 * time.Millisecond)
			}
			if run%2 == 0 {
				s.Stop()
			} else { // as a platform does it: every process, and more than once
				s.SignalAll(syscall.SIGTERM)
				s.SignalAll(syscall.SIGTERM)
				s.Stop()
			}
			end()
			work.Wait()
			t.Logf("%d requests, %d answered", sent.Load(), answered.Load())
			failures.Range(func(failure, _ any) bool { t.Errorf("a request failed: %v", failure); return true })
		})
	}
}

var errNotAccepted = errors.New("the port is closed")

// search sends a POST, which Go's client does not send again when its connection breaks.
func search(client *http.Client, s *harness.Instance, n int) error {
	r, err := http.NewRequest(http.MethodPost, s.URL+"/api/2.0/mlflow/experiments/search", io.NopCloser(strings.NewReader(`{"max_results": 5}`)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(s.User, s.Password)
	response, err := client.Do(r)
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return errNotAccepted
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("client %d: %s", n, response.Status)
	}
	return nil
}

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
						do := search
						if n%2 == 1 {
							do = upload
						}
						if err := do(client, s, n); errors.Is(err, errNotAccepted) {
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
			switch run % 3 {
			case 0:
				s.Stop()
			case 1: // as a platform does it: every process, and more than once
				s.SignalAll(syscall.SIGTERM)
				s.SignalAll(syscall.SIGTERM)
				s.Stop()
			case 2: // as a terminal does it
				s.SignalAll(syscall.SIGINT)
				s.StopBy(syscall.SIGINT)
			}
			end()
			work.Wait()
			t.Logf("%d requests, %d answered", sent.Load(), answered.Load())
			failures.Range(func(failure, _ any) bool { t.Errorf("a request failed: %v", failure); return true })
		})
	}
}

var errNotAccepted = errors.New("the port is closed")

func search(client *http.Client, s *harness.Instance, n int) error {
	return send(client, s, n, http.MethodPost, "/api/2.0/mlflow/experiments/search", `{"max_results": 5}`)
}

// uploaded is large enough for an upload to take several reads and writes.
var uploaded = strings.Repeat("0123456789abcdef", 64<<10)

func upload(client *http.Client, s *harness.Instance, n int) error {
	return send(client, s, n, http.MethodPut, artifacts+fmt.Sprintf("%d.txt", n), uploaded)
}

const artifacts = "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/"

// send sends a body that Go's client cannot read again, so that it does not repeat a request whose connection breaks.
func send(client *http.Client, s *harness.Instance, n int, method, path, body string) error {
	r, err := http.NewRequest(method, s.URL+path, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		return err
	}
	r.ContentLength = int64(len(body))
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
		return fmt.Errorf("client %d, %s: %s", n, path, response.Status)
	}
	return nil
}

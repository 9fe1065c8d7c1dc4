package gate

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// early is a server that answers as soon as it has the headers, as MLflow does what it refuses, and the transport to it.
type early struct{ *http.Transport }

func (early) Ready() bool           { return true }
func (early) Phase() (bool, string) { return true, "" }

func newEarly(t *testing.T) early {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for {
					request, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					// In two pieces, as uvicorn does, and the second one late.
					_, _ = io.WriteString(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\n")
					time.Sleep(200 * time.Millisecond)
					_, _ = io.WriteString(c, "refused")
					_, _ = io.Copy(io.Discard, request.Body)
				}
			})
		}
	})
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", listener.Addr().String())
	}}
	t.Cleanup(func() {
		_ = listener.Close()
		transport.CloseIdleConnections()
		group.Wait()
	})
	return early{transport}
}

// RoundTrip begins to read the body late, as happens on a busy machine.
func (e early) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Body = late{r.Body}
	return e.Transport.RoundTrip(r)
}

type late struct{ io.ReadCloser }

func (l late) Read(into []byte) (int, error) {
	time.Sleep(50 * time.Millisecond)
	return l.ReadCloser.Read(into)
}

// What is left of a body is read before the answer begins, and the transport reads it as well: where it found nothing any
// more, it took the request for broken and the connection with the answer away.
func TestAnAnswerBeforeTheBodyWasReadArrivesWhole(t *testing.T) {
	r := start(t, func(o *Options) { o.Upstream = newEarly(t) })
	for _, size := range []int{2, 20_000} {
		for range 3 {
			request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+"/v1/traces", strings.NewReader(strings.Repeat("x", size)))
			if err != nil {
				t.Fatal(err)
			}
			request.SetBasicAuth("ann", annsPassword)
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Errorf("%d bytes: %v", size, err)
				continue
			}
			body, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusForbidden || string(body) != "refused" {
				t.Errorf("%d bytes: %d %q %v", size, answer.StatusCode, body, err)
			}
		}
	}
}

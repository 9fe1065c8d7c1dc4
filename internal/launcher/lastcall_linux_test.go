package launcher

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

// slowDoor accepts nobody until it is told to.
type slowDoor struct {
	*net.TCPListener
	open chan struct{}
}

func (d slowDoor) Accept() (net.Conn, error) {
	<-d.open
	return d.TCPListener.Accept()
}

// The kernel makes connections by itself, and a client sends its request as soon as it has one.
func TestWhoHasConnectedBeforeThePortClosesIsAnswered(t *testing.T) {
	for _, address := range []struct{ listen, dial string }{
		{"127.0.0.1:0", "127.0.0.1"}, {"[::1]:0", "::1"}, {":0", "127.0.0.1"}, {":0", "::1"},
	} {
		t.Run(address.listen+" from "+address.dial, func(t *testing.T) {
			listener, err := net.Listen("tcp", address.listen)
			if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) {
				t.Skip("this machine has no IPv6")
			}
			if err != nil {
				t.Fatal(err)
			}
			door := slowDoor{TCPListener: listener.(*net.TCPListener), open: make(chan struct{})}
			server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(w, r.Body)
			})}
			known := watch(server)
			go func() { _ = server.Serve(door) }()
			defer server.Close()
			letIn := sync.OnceFunc(func() { close(door.open) })
			defer letIn()
			dial := func() (net.Conn, error) {
				port := listener.Addr().(*net.TCPAddr).Port
				return net.DialTimeout("tcp", net.JoinHostPort(address.dial, fmt.Sprint(port)), patience)
			}
			var waiting []net.Conn
			for n := range 20 {
				client, err := dial()
				if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.ENETUNREACH) {
					t.Skip("this machine has no IPv6")
				}
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				if _, err := fmt.Fprintf(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n%02d", n); err != nil {
					t.Fatal(err)
				}
				waiting = append(waiting, client)
			}
			ended := make(chan struct{})
			go func() {
				drain(server, door, known, time.Hour, nil, slog.New(slog.DiscardHandler))
				close(ended)
			}()
			for began := time.Now(); ; time.Sleep(time.Millisecond) {
				client, err := dial()
				if errors.Is(err, syscall.ECONNREFUSED) {
					break
				}
				if err != nil || time.Since(began) > patience {
					t.Fatalf("new connections are not refused: %v", err)
				}
				_ = client.Close()
			}
			letIn()
			for n, client := range waiting {
				_ = client.SetDeadline(time.Now().Add(patience))
				answer, err := http.ReadResponse(bufio.NewReader(client), nil)
				if err != nil {
					t.Fatalf("client %d: %v", n, err)
				}
				body, err := io.ReadAll(answer.Body)
				if err != nil || string(body) != fmt.Sprintf("%02d", n) || !answer.Close {
					t.Errorf("client %d: %q, closes: %v (%v)", n, body, answer.Close, err)
				}
			}
			select {
			case <-ended:
			case <-time.After(patience):
				t.Error("the drain does not end")
			}
		})
	}
}

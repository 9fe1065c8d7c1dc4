package gate

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// largeRoom answers in one piece.
type largeRoom struct{}

const largeAnswer = 16 << 20

func (largeRoom) Serves(*http.Request) bool { return true }

func (largeRoom) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, strings.Repeat("x", largeAnswer))
}

// oneDoor is a listener with one connection, in memory: no kernel keeps megabytes of an answer for a client.
type oneDoor chan net.Conn

func (d oneDoor) Accept() (net.Conn, error) {
	if conn, ok := <-d; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (oneDoor) Close() error   { return nil }
func (oneDoor) Addr() net.Addr { return &net.TCPAddr{} }

func TestWhoTakesALargeAnswerSlowlyIsNotCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := prepare(t, func(o *Options) { o.Rooms = []Room{largeRoom{}} })
		door := make(oneDoor, 1)
		go func() { _ = r.Config.Serve(door) }()
		defer close(door)
		conn, theirs := net.Pipe()
		defer conn.Close()
		door <- theirs
		if _, err := io.WriteString(conn, "GET /version HTTP/1.1\r\nHost: x\r\n"+signedIn+"\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		taken := 0
		for buffer := make([]byte, 128<<10); ; time.Sleep(usualPatience.stalled / 32) { // all of it takes four times as long as it may stand still
			n, err := io.ReadFull(conn, buffer)
			taken += n
			if err != nil {
				break
			}
		}
		if taken < largeAnswer {
			t.Errorf("cut off after %d bytes", taken)
		}
	})
}

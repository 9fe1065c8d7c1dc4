package gate

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// largeRoom answers in one piece, which is more than the kernel keeps for a client.
type largeRoom struct{}

const largeAnswer = 16 << 20

func (largeRoom) Serves(*http.Request) bool { return true }

func (largeRoom) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, strings.Repeat("x", largeAnswer))
}

func TestWhoTakesALargeAnswerSlowlyIsNotCutOff(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Rooms, o.patience = []Room{largeRoom{}}, hasty })
	conn := r.dial(t)
	// Else the kernel keeps megabytes for it, and lets the gate go on only when a good part of these is taken.
	if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET /version HTTP/1.1\r\nHost: x\r\n"+signedIn+"\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	taken := 0
	for buffer := make([]byte, 128<<10); ; time.Sleep(hasty.stalled / 32) { // 16 MB take four times as long as it may stand still
		n, err := io.ReadFull(conn, buffer)
		taken += n
		if err != nil {
			break
		}
	}
	if taken < largeAnswer {
		t.Errorf("cut off after %d bytes", taken)
	}
}

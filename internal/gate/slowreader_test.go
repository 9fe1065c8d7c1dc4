package gate

import (
	"io"
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
	if _, err := io.WriteString(conn, "GET /version HTTP/1.1\r\nHost: x\r\n"+signedIn+"\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	taken := 0
	for buffer := make([]byte, 1<<20); ; time.Sleep(hasty.stalled / 4) { // 16 MB take ten times as long as it may stand still
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

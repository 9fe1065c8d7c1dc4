package provision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestADownloadEndsWholeOrNotAtAll(t *testing.T) {
	const body = "what was pinned"
	sum := sha256.Sum256([]byte(body))
	good := hex.EncodeToString(sum[:])
	for name, c := range map[string]struct {
		answer   func(w http.ResponseWriter, try int32)
		checksum string
		requests int32
		err      string // "" when it must go well
	}{
		"whole at once": {func(w http.ResponseWriter, _ int32) { fmt.Fprint(w, body) }, good, 1, ""},
		"busy twice, then whole": {func(w http.ResponseWriter, try int32) {
			if try < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			fmt.Fprint(w, body)
		}, good, 3, ""},
		"cut off once, then whole": {func(w http.ResponseWriter, try int32) {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			if try == 1 {
				fmt.Fprint(w, body[:4])
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}
			fmt.Fprint(w, body)
		}, good, 2, ""},
		"always cut off": {func(w http.ResponseWriter, _ int32) {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			fmt.Fprint(w, body[:4])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, good, 4, "it broke off after 4 bytes"},
		"always busy":   {func(w http.ResponseWriter, _ int32) { w.WriteHeader(http.StatusBadGateway) }, good, 4, "the server answered 502 Bad Gateway"},
		"not there":     {func(w http.ResponseWriter, _ int32) { w.WriteHeader(http.StatusNotFound) }, good, 1, "the server answered 404 Not Found"},
		"another file":  {func(w http.ResponseWriter, _ int32) { fmt.Fprint(w, "something else") }, good, 4, "instead of " + good},
		"an empty file": {func(http.ResponseWriter, int32) {}, good, 4, "instead of " + good},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.answer(w, requests.Add(1)) }))
			defer server.Close()
			var seen int64
			d := newDownloader(func(done, _ int64) { seen = done })
			d.pause = time.Millisecond
			file := filepath.Join(t.TempDir(), "file")
			err := d.fetch(t.Context(), server.URL+"/file", file, c.checksum)
			if got := requests.Load(); got != c.requests {
				t.Errorf("it asked %d times, want %d", got, c.requests)
			}
			if c.err == "" {
				if err != nil || readFile(t, file) != body || seen != int64(len(body)) {
					t.Errorf("got %v with %d bytes seen", err, seen)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), server.URL) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if exists(file) {
				t.Error("a file was left")
			}
		})
	}
}

func TestADownloadFromAHostThatDoesNotExistIsTriedOnce(t *testing.T) {
	tries := 0
	d := newDownloader(nil)
	d.pause = time.Hour
	d.client = &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		tries++
		return nil, &net.DNSError{Err: "no such host", Name: "releases.example", IsNotFound: true}
	}}}
	err := d.fetch(t.Context(), "https://user:secret@releases.example/uv.tar.gz", filepath.Join(t.TempDir(), "file"), "")
	if want := "downloading https://[redacted]@releases.example/uv.tar.gz: lookup releases.example: no such host"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if tries != 1 {
		t.Errorf("it was tried %d times", tries)
	}
}

func TestADownloadStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "half")
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := newDownloader(nil).fetch(ctx, server.URL, file, ""); err == nil || exists(file) {
		t.Errorf("error %v, file left: %v", err, exists(file))
	}
}

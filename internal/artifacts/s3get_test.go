package artifacts

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/config"
	"mlflow-server/internal/gate"
)

// playS3 is the room behind a gate with a service in place of S3 that answers as a test wants it.
func playS3(t *testing.T, service config.ArtifactService, answer http.HandlerFunc) rig {
	t.Helper()
	played := httptest.NewServer(answer)
	t.Cleanup(played.Close)
	service.MaxTransfers = max(service.MaxTransfers, 4)
	service.S3 = config.Bucket{Name: "b", Endpoint: played.URL, PublicEndpoint: "http://s3.example.com", Region: "us-east-1", AccessKey: "k", SecretKey: "s"}
	r := rig{mlflow: &fakeMLflow{}, log: &strings.Builder{}}
	quiet := slog.New(slog.DiscardHandler)
	room, err := New(Options{Artifacts: config.Artifacts{Kind: config.S3}, Service: service, MLflow: r.mlflow, Log: quiet, Directory: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	r.room = room
	r.Server = httptest.NewServer(gate.New(gate.Options{Users: team{}, Upstream: r.mlflow, Rooms: []gate.Room{room}, Log: quiet}))
	t.Cleanup(func() {
		r.Close()
		if err := room.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// lateBody is an answer of the store that breaks off in the moment in which it counts as stalled.
type lateBody struct{ after time.Duration }

func (b lateBody) Read([]byte) (int, error) {
	time.Sleep(b.after)
	return 0, io.ErrUnexpectedEOF
}

func (lateBody) Close() error { return nil }

func TestAStoreThatBreaksOffAsItIsGivenUpHarmsNobody(t *testing.T) {
	const stalled = 100 * time.Microsecond
	store := &s3Store{stalled: stalled}
	for range 2000 {
		source := &steady{object: &object{store: store, ctx: t.Context(), key: "k"}, body: lateBody{stalled}, end: 10, retries: mostResumes}
		if _, err := source.Read(make([]byte, 10)); err == nil {
			t.Fatal("an answer that broke off is whole")
		}
		source.close()
	}
}

func TestAStoreThatStallsCountsAsBrokenOff(t *testing.T) {
	body, write := io.Pipe()
	defer write.Close()
	store := &s3Store{stalled: time.Millisecond}
	source := &steady{object: &object{store: store, ctx: t.Context(), key: "k"}, body: body, end: 10, retries: mostResumes}
	if _, err := source.Read(make([]byte, 10)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("it ended with %v", err)
	}
}

func TestAnObjectWithoutALengthIsPassedOnWhole(t *testing.T) {
	content := strings.Repeat("what the store sends without saying how much it is\n", 4000)
	r := playS3(t, config.ArtifactService{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"e"`)
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusOK)
			return
		}
		_, _ = io.WriteString(w, content[:100_000])
		_ = http.NewResponseController(w).Flush()
		if strings.HasSuffix(r.URL.Path, "broken") {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, content[100_000:])
	})
	for _, headers := range []map[string]string{nil, {"Range": "bytes=3-5"}, {"If-None-Match": `"other"`}} {
		request, err := http.NewRequestWithContext(t.Context(), "GET", r.URL+base+"x", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("ann", "x")
		for name, value := range headers {
			request.Header.Set(name, value)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != 200 || err != nil || string(body) != content || answer.Header.Get("Etag") != `"e"` ||
			answer.Header.Get("Content-Length") != "" || answer.Header.Get("Accept-Ranges") != "" {
			t.Errorf("%v: %d %v %d bytes %v", headers, answer.StatusCode, answer.Header, len(body), err)
		}
	}
	if status, _, header := r.send(t, "ann", "HEAD", base+"x", ""); status != 200 || header.Get("Etag") != `"e"` || header.Get("Content-Length") != "" {
		t.Errorf("HEAD: %d %v", status, header)
	}
	request, _ := http.NewRequestWithContext(t.Context(), "GET", r.URL+base+"broken", nil)
	request.SetBasicAuth("ann", "x")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err == nil {
		t.Errorf("what broke off after %d bytes is taken for whole", len(body))
	}
}

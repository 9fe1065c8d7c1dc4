package artifacts

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/config"
)

// Viewers are held back by the gate; this is the whole way, with the room behind it.
func TestViewersGetAndListButNeverPutOrDelete(t *testing.T) {
	r := start(t, config.ArtifactService{})
	if status, body, _ := r.send(t, "ann", "PUT", base+"1/a/f.txt", "hello"); status != 200 {
		t.Fatal(status, body)
	}
	const list = "/ajax-api/2.0/mlflow-artifacts/artifacts?path=1/a"
	for _, c := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", base + "1/a/f.txt", 200, "hello"},
		{"HEAD", base + "1/a/f.txt", 200, ""},
		{"GET", list, 200, `"f.txt"`},
		{"PUT", base + "1/a/f.txt", 403, "PERMISSION_DENIED"},
		{"PUT", base + "1/a/new.txt", 403, "PERMISSION_DENIED"},
		{"DELETE", base + "1/a/f.txt", 403, "PERMISSION_DENIED"},
		{"DELETE", base + "1/a", 403, "PERMISSION_DENIED"},
		{"POST", "/api/2.0/mlflow-artifacts/mpu/create/1/a", 403, "PERMISSION_DENIED"},
		{"POST", "/api/2.0/mlflow-artifacts/mpu/complete/1/a", 403, "PERMISSION_DENIED"},
		{"POST", "/api/2.0/mlflow-artifacts/mpu/abort/1/a", 403, "PERMISSION_DENIED"},
	} {
		status, body, _ := r.send(t, "vic", c.method, c.path, "x")
		if status != c.status || !strings.Contains(body, c.body) {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	if status, body, _ := r.send(t, "ann", "GET", list, ""); status != 200 || strings.Count(body, `"path"`) != 1 {
		t.Errorf("after it there is %s", body)
	}
	if status, body, _ := r.send(t, "vic", "GET", base+"1/a/f.txt", ""); status != 200 || body != "hello" {
		t.Errorf("after it the file is %d %s", status, body)
	}
}

func TestTransfersBeyondTheLimitWaitAndAreThenToldToComeAgain(t *testing.T) {
	r := start(t, config.ArtifactService{MaxTransfers: 2})
	r.room.limits = newLimits(config.ArtifactService{MaxTransfers: 2}, time.Now)
	r.room.limits.transfers.patience = 20 * time.Millisecond
	if status, body, _ := r.send(t, "ann", "PUT", base+"f", "hello"); status != 200 {
		t.Fatal(status, body)
	}
	// Two uploads that have begun and do not go on.
	type held struct {
		write *io.PipeWriter
		done  chan int
	}
	var uploads []held
	for _, name := range []string{"a", "b"} {
		body, write := io.Pipe()
		h := held{write, make(chan int, 1)}
		request, err := http.NewRequestWithContext(t.Context(), "PUT", r.URL+base+name, body)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("ann", "x")
		go func() {
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				h.done <- 0
				return
			}
			answer.Body.Close()
			h.done <- answer.StatusCode
		}()
		uploads = append(uploads, h)
	}
	for r.room.limits.transfers.taken() < 2 {
		time.Sleep(time.Millisecond)
	}
	for _, c := range []struct{ method, path string }{{"GET", base + "f"}, {"PUT", base + "g"}} {
		status, body, header := r.send(t, "eve", c.method, c.path, "x")
		if status != 503 || header.Get("Retry-After") == "" || !strings.Contains(body, "Too many artifact transfers") {
			t.Errorf("%s: %d %v %s", c.method, status, header, body)
		}
	}
	if status, body, _ := r.send(t, "eve", "GET", strings.TrimSuffix(base, "/"), ""); status != 200 {
		t.Errorf("a listing, which is none: %d %s", status, body)
	}
	// Who waits gets the place that becomes free.
	r.room.limits.transfers.patience = time.Minute
	waiting := make(chan int)
	go func() {
		status, _, _ := r.send(t, "eve", "GET", base+"f", "")
		waiting <- status
	}()
	for _, h := range uploads {
		_ = h.write.Close()
		if status := <-h.done; status != 200 {
			t.Errorf("an upload that was under way: %d", status)
		}
	}
	if status := <-waiting; status != 200 {
		t.Errorf("who has waited: %d", status)
	}
	for deadline := time.Now().Add(time.Minute); r.room.limits.transfers.taken() > 0; time.Sleep(time.Millisecond) { // an answer may be there first
		if time.Now().After(deadline) {
			t.Fatalf("%d places are taken at the end", r.room.limits.transfers.taken())
		}
	}
}

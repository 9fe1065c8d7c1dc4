package artifacts_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// everything is each request to the store.
func everything(*http.Request) bool { return true }

// What a real server does when it is told to stop and the clients go on: everything that is under way outlasts the drain.
func TestASignalInTheMiddleLeavesNothingInASlowStore(t *testing.T) {
	t.Parallel()
	bucket := harness.S3(t)
	slow := newFaulty(t, bucket.Endpoint)
	// What is taken back within the three seconds that there are for it has several such delays.
	slow.set(always(fault{delay: 100 * time.Millisecond}, everything))
	env := bucket.Environment("p")
	env["MLFLOW_S3_ENDPOINT_URL"], env["MLFLOW_DRAIN_SECONDS"], env["MLFLOW_MAX_TRANSFERS"] = slow.URL, "1", "1"
	under := storeUnderTest{bucket: bucket, dir: filepath.Join(bucket.Dir, "p")}
	server := harness.Start(t, harness.Options{Env: env})

	body, write := io.Pipe()
	var clients sync.WaitGroup
	clients.Go(func() { tellTheStop(t, server, http.MethodPut, "big", body) })
	if _, err := write.Write(random(11 << 20)); err != nil {
		t.Fatal(err)
	}
	await(t, "an upload in parts", func() bool { return len(under.leftovers(t)) == 1 })
	clients.Go(func() { tellTheStop(t, server, http.MethodGet, "big", nil) }) // waits for a place
	time.Sleep(100 * time.Millisecond)
	server.Stop()
	if left := under.leftovers(t); len(left) != 0 {
		t.Errorf("left in the store: %v", left)
	}
	if log := server.Log(); strings.Contains(log, "unfinished upload") {
		t.Errorf("the log says so:\n%s", harness.Tail(log, 20))
	}
	write.CloseWithError(errCut)
	clients.Wait()
}

// tellTheStop sends a request that the server cannot finish. It may close the connection or answer 503.
func tellTheStop(t *testing.T, server *harness.Instance, method, name string, body io.Reader) {
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api"+store+"/"+name, body)
	if err != nil {
		t.Error(err)
		return
	}
	r.SetBasicAuth(server.User, server.Password)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%s got %s", method, answer.Status)
	}
}

func TestASignalEndsADownloadFromADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "big"), random(64<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	server := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_ARTIFACT_URI": dir, "MLFLOW_DRAIN_SECONDS": "1"}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api"+store+"/big", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(server.User, server.Password)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var reading sync.WaitGroup
	reading.Go(func() { // a client that is slow, and takes something all the time
		for {
			if _, err := io.CopyN(io.Discard, answer.Body, 256<<10); err != nil {
				if err == io.EOF {
					t.Error("the download has ended as if it were whole")
				}
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	server.Stop()
	if log := server.Log(); strings.Contains(log, "unfinished uploads") {
		t.Errorf("the stop gave up on a download:\n%s", harness.Tail(log, 20))
	}
	cancel()
	reading.Wait()
}

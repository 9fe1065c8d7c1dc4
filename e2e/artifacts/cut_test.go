package artifacts_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// storeUnderTest is a store whose files can be looked at.
type storeUnderTest struct {
	native
	dir    string // where the files lie
	bucket harness.S3Bucket
	faulty *faulty // nil for a directory
}

func s3UnderTest(t *testing.T, more map[string]string) storeUnderTest {
	t.Helper()
	bucket := harness.S3(t)
	f := newFaulty(t, bucket.Endpoint)
	env := bucket.Environment("p")
	env["MLFLOW_S3_ENDPOINT_URL"] = f.URL
	maps.Copy(env, more)
	return storeUnderTest{native: serve(t, harness.Client{}, env), dir: filepath.Join(bucket.Dir, "p"), bucket: bucket, faulty: f}
}

func directoryUnderTest(t *testing.T) storeUnderTest {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a")
	return storeUnderTest{native: serve(t, harness.Client{}, map[string]string{"MLFLOW_ARTIFACT_URI": dir}), dir: dir}
}

// leftovers are unfinished uploads in the store.
func (s storeUnderTest) leftovers(t *testing.T) []string {
	t.Helper()
	var found []string
	staged, _ := filepath.Glob(filepath.Join(s.dir, ".artifact.uploading.*-*-*"))
	found = append(found, staged...)
	if s.bucket.Dir != "" { // where versitygw keeps uploads in parts
		parts, _ := filepath.Glob(filepath.Join(s.bucket.Dir, ".sgwtmp", "multipart", "*", "*"))
		found = append(found, parts...)
	}
	return found
}

// settled waits until nothing is left over: an abort runs after the client has gone.
func (s storeUnderTest) settled(t *testing.T) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if left = s.leftovers(t); len(left) == 0 {
			return
		}
	}
	t.Errorf("left in the store: %v\n%s", left, harness.Tail(s.log.String(), 20))
}

func random(size int) []byte {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = r.Read(b)
	return b
}

// upload sends content; cut is after how many bytes the client goes away, -1 for never.
func (s storeUnderTest) upload(ctx context.Context, name string, content []byte, cut int, known bool) (int, string, error) {
	var from io.Reader = bytes.NewReader(content)
	if cut >= 0 {
		from = io.MultiReader(bytes.NewReader(content[:cut]), failing{})
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, s.URL+"/api"+store+"/"+name, io.NopCloser(from))
	if err != nil {
		return 0, "", err
	}
	if known {
		r.ContentLength = int64(len(content))
	}
	r.SetBasicAuth(s.User, s.Password)
	response, err := quick.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

type failing struct{}

var errCut = errors.New("cut")

func (failing) Read([]byte) (int, error) { return 0, errCut }

func (s storeUnderTest) download(t *testing.T, name string) (int, []byte, error) {
	t.Helper()
	a := send(t.Context(), s.Client, "GET", "/api"+store+"/"+name, "", nil)
	return a.status, []byte(a.body), a.err
}

func (s storeUnderTest) stored(name string) []byte {
	content, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		return nil
	}
	return content
}

// cuts is how often a transfer is broken off at a random place, for each store and direction.
const cuts = 100

func TestACutUploadLeavesNothingAndTheOldFileStays(t *testing.T) {
	t.Parallel()
	for kind, make := range map[string]func(*testing.T) storeUnderTest{
		"s3":        func(t *testing.T) storeUnderTest { return s3UnderTest(t, nil) },
		"directory": directoryUnderTest,
	} {
		t.Run(kind, func(t *testing.T) {
			s := make(t)
			old, content := []byte("the old one"), random(7<<20)
			if status, body, err := s.upload(t.Context(), "kept", old, -1, true); status != 200 {
				t.Fatal(status, body, err)
			}
			for i := range cuts {
				cut := rand.IntN(len(content))
				if i == 0 {
					cut = 0
				}
				name := []string{"kept", "new"}[i%2]
				if status, body, err := s.upload(t.Context(), name, content, cut, i%3 > 0); err == nil && status == 200 {
					t.Fatalf("a cut after %d of %d bytes: %d %s", cut, len(content), status, body)
				}
			}
			s.settled(t)
			if got := s.stored("kept"); !bytes.Equal(got, old) {
				t.Errorf("the old file has %d bytes", len(got))
			}
			if got := s.stored("new"); got != nil {
				t.Errorf("a partial file of %d bytes is visible", len(got))
			}
			if status, body, err := s.upload(t.Context(), "new", content, -1, false); status != 200 || !bytes.Equal(s.stored("new"), content) {
				t.Errorf("after all that: %d %s %v", status, body, err)
			}
		})
	}
}

func TestAStoreThatBreaksOffIsRetriedOrLeavesNothing(t *testing.T) {
	t.Parallel()
	s := s3UnderTest(t, nil)
	content := random(12 << 20)
	for i := range 12 {
		with := fault{cutRequest: 1 + rand.Int64N(5<<20)}
		if i%3 == 2 {
			with = fault{status: []int{500, 503}[i%2]}
		}
		name := fmt.Sprint("retried", i)
		s.faulty.set(first(1+i%2, with, isPut))
		if status, body, err := s.upload(t.Context(), name, content, -1, i%2 == 0); status != 200 || !bytes.Equal(s.stored(name), content) {
			t.Fatalf("%+v once: %d %s %v", with, status, body, err)
		}
	}
	for i := range 3 {
		with := []fault{{status: 503}, {cutRequest: 3 << 20}, {flipUp: true}}[i]
		s.faulty.set(always(with, isPut))
		status, body, err := s.upload(t.Context(), "never", content, -1, true)
		if status != 503 || !strings.Contains(body, "TEMPORARILY_UNAVAILABLE") || strings.Contains(body, "127.0.0.1") {
			t.Errorf("%+v for ever: %d %s %v", with, status, body, err)
		}
		if s.stored("never") != nil {
			t.Errorf("%+v: a partial file is visible", with)
		}
	}
	s.faulty.set(always(fault{status: 500}, isCompletion))
	if status, body, _ := s.upload(t.Context(), "never", content, -1, true); status != 503 {
		t.Errorf("a failing completion: %d %s", status, body)
	}
	s.faulty.set(always(fault{}, isPut))
	s.settled(t)
}

func TestADownloadGoesOnWhereTheStoreBrokeOff(t *testing.T) {
	t.Parallel()
	s := s3UnderTest(t, nil)
	content := random(3 << 20)
	if status, body, err := s.upload(t.Context(), "x", content, -1, true); status != 200 {
		t.Fatal(status, body, err)
	}
	for i := range cuts {
		s.faulty.set(first(1+i%2, fault{cutAnswer: 1 + rand.Int64N(int64(len(content)-1))}, isGet))
		status, got, err := s.download(t, "x")
		if status != 200 || err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d: %d bytes, %v\n%s", status, len(got), err, harness.Tail(s.log.String(), 5))
		}
	}
	t.Run("or the client sees that something is missing", func(t *testing.T) {
		s.faulty.set(always(fault{cutAnswer: 100_000}, isGet))
		if status, got, err := s.download(t, "x"); err == nil {
			t.Errorf("%d with %d bytes", status, len(got))
		}
	})
	t.Run("a file that was damaged in the store is not taken for a whole one", func(t *testing.T) {
		small := random(300_000)
		s.faulty.set(always(fault{}, isGet))
		if status, body, err := s.upload(t.Context(), "small", small, -1, true); status != 200 {
			t.Fatal(status, body, err)
		}
		s.faulty.set(always(fault{flipDown: true}, isGet))
		if status, got, err := s.download(t, "small"); err == nil && bytes.Equal(got, small) || err == nil && len(got) == len(small) {
			t.Errorf("%d: %d bytes", status, len(got))
		}
	})
}

func TestACutDownloadHarmsNobody(t *testing.T) {
	t.Parallel()
	s := s3UnderTest(t, nil)
	content := random(48 << 20) // enough to fetch stretches ahead from a store that is slow
	if status, body, err := s.upload(t.Context(), "x", content, -1, true); status != 200 {
		t.Fatal(status, body, err)
	}
	// cut breaks off a download after so many bytes, and says how many requests it was to the store.
	cut := func(after int64) int64 {
		var gets atomic.Int64
		s.faulty.set(func(r *http.Request) fault {
			if !isGet(r) {
				return fault{}
			}
			gets.Add(1)
			return fault{pause: 50 * time.Microsecond}
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api"+store+"/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(s.User, s.Password)
		response, err := quick.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if n, err := io.CopyN(io.Discard, response.Body, after); err != nil {
			t.Fatalf("after %d bytes: %v", n, err)
		}
		return gets.Load()
	}
	ahead := 0
	for i := range cuts {
		after := rand.Int64N(6 << 20) // before anything is fetched ahead
		if i%5 == 0 {
			after = 10<<20 + rand.Int64N(36<<20)
		}
		if cut(after) > 1 {
			ahead++
		}
	}
	if ahead < cuts/10 {
		t.Errorf("%d of %d downloads were cut while stretches were fetched ahead", ahead, cuts)
	}
	s.faulty.set(always(fault{}, isGet))
	if status, got, err := s.download(t, "x"); status != 200 || err != nil || sha256.Sum256(got) != sha256.Sum256(content) {
		t.Errorf("%d: %d bytes, %v", status, len(got), err)
	}
}

func TestAStopInTheMiddleLeavesNothing(t *testing.T) {
	t.Parallel()
	for kind, make := range map[string]func(*testing.T) storeUnderTest{
		"s3":        func(t *testing.T) storeUnderTest { return s3UnderTest(t, nil) },
		"directory": directoryUnderTest,
	} {
		t.Run(kind, func(t *testing.T) {
			s := make(t)
			body, write := io.Pipe()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+"/api"+store+"/x", body)
			if err != nil {
				t.Fatal(err)
			}
			r.SetBasicAuth(s.User, s.Password)
			var answered sync.WaitGroup
			answered.Go(func() {
				response, err := quick.Do(r)
				if err != nil {
					return // the connection was closed: a client tries again
				}
				defer response.Body.Close()
				if response.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("the upload got %d", response.StatusCode)
				}
			})
			if _, err := write.Write(random(11 << 20)); err != nil {
				t.Fatal(err)
			}
			await(t, "an upload that is under way", func() bool { return len(s.leftovers(t)) > 0 })
			s.stop()
			if left := s.leftovers(t); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
			write.CloseWithError(errCut)
			answered.Wait()
			if s.stored("x") != nil {
				t.Error("a partial file is visible")
			}
			if status, _, err := s.download(t, "x"); err == nil && status != http.StatusServiceUnavailable {
				t.Errorf("after the stop: %d", status)
			}
		})
	}
}

func TestSlowUploadsDoNotStopOthers(t *testing.T) {
	t.Parallel()
	s := s3UnderTest(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var sent, cut sync.WaitGroup
	defer cut.Wait()
	defer cancel()
	for i := range 12 { // with 4 MiB each, more than there is memory
		body, write := io.Pipe()
		defer write.CloseWithError(errCut) // a client waits for its body even when it is told to stop
		r, err := http.NewRequestWithContext(ctx, http.MethodPut, fmt.Sprintf("%s/api%s/slow%d", s.URL, store, i), body)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(s.User, s.Password)
		cut.Go(func() {
			if response, err := http.DefaultClient.Do(r); err == nil {
				response.Body.Close()
			}
		})
		sent.Go(func() { _, _ = write.Write(random(4 << 20)) })
	}
	sent.Wait()
	content := random(30 << 20)
	started := time.Now()
	if status, body, err := s.upload(t.Context(), "fast", content, -1, true); status != 200 || !bytes.Equal(s.stored("fast"), content) {
		t.Errorf("%d %s %v", status, body, err)
	}
	// Whoever waits for those clients to go on waits for 90 s at least. Less than that is no measure of speed: it holds on the
	// slowest machine.
	if took := time.Since(started); took > 80*time.Second {
		t.Errorf("30 MB beside 12 clients that stopped sending: %v", took)
	}
}

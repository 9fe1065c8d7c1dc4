package artifacts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/gofrs/flock"

	"mlflow-server/internal/config"
)

func TestWhatAKilledProcessLeftIsSweptAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	dead, alive := newStaging(dir), newStaging(dir)
	for _, s := range []*staging{dead, alive} {
		if err := os.WriteFile(filepath.Join(dir, s.name()), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mlflows := filepath.Join(dir, stagingPrefix+"abc")
	if err := os.WriteFile(mlflows, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_ = dead.lock.Close() // as the kernel does it
	sweepStaging(dir, slog.New(slog.DiscardHandler))
	left, _ := filepath.Glob(filepath.Join(dir, stagingPrefix+"*"))
	if len(left) != 3 { // alive's lock and file, and MLflow's
		t.Errorf("left: %v", left)
	}
	alive.close()
}

func TestJournalsOfDeadProcessesAreWorkedOff(t *testing.T) {
	dir := t.TempDir()
	dead, alive := newJournal(dir), newJournal(dir)
	done := dead.add(unfinished{Bucket: "b", Key: "done", ID: "0"})
	dead.add(unfinished{Bucket: "b", Key: "k1", ID: "1"})
	alive.add(unfinished{Bucket: "b", Key: "k2", ID: "2"})
	dead.remove(done)
	_ = dead.lock.Close()
	var aborted []string
	abort := func(u unfinished) (bool, error) { aborted = append(aborted, u.Key); return true, nil }
	if err := orphans(dir, func(unfinished) (bool, error) { return true, errors.New("not now") }); err == nil {
		t.Error("a failing abort is forgotten")
	}
	for range 2 {
		if err := orphans(dir, abort); err != nil {
			t.Fatal(err)
		}
	}
	if len(aborted) != 1 || aborted[0] != "k1" {
		t.Errorf("aborted %v", aborted)
	}
	alive.close()
}

func TestAnAbortThatFailsSparesNoOtherAndIsTriedAgain(t *testing.T) {
	dir := t.TempDir()
	for i := range 2 {
		dead := newJournal(dir)
		for _, what := range []string{"fails", "works", "other"} {
			dead.add(unfinished{Bucket: "b", Key: fmt.Sprint(what, i), ID: "1"})
		}
		_ = dead.lock.Close()
	}
	var asked []string
	abort := func(u unfinished) (bool, error) {
		asked = append(asked, u.Key)
		switch {
		case strings.HasPrefix(u.Key, "other"):
			return false, nil
		case strings.HasPrefix(u.Key, "fails"):
			return true, errors.New("not now")
		}
		return true, nil
	}
	if err := orphans(dir, abort); err == nil || len(asked) != 6 {
		t.Errorf("asked about %v: %v", asked, err)
	}
	asked = nil
	_ = orphans(dir, abort)
	slices.Sort(asked)
	if strings.Join(asked, " ") != "fails0 fails1 other0 other1" {
		t.Errorf("the next start asks about %v", asked)
	}
	asked = nil
	all := func(u unfinished) (bool, error) { asked = append(asked, u.Key); return true, nil }
	if err := orphans(dir, all); err != nil || len(asked) != 4 {
		t.Errorf("%v: %v", asked, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestAJournalIsNeverHalfWritten(t *testing.T) {
	dir := t.TempDir()
	j := newJournal(dir)
	j.add(unfinished{Bucket: "b", Key: "first", ID: "1"})
	read, err := os.Open(j.path) // as a start reads it, while it is written again
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	j.add(unfinished{Bucket: "b", Key: "second", ID: "2"})
	var list []unfinished
	if err := json.NewDecoder(read).Decode(&list); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	if err := orphans(dir, func(unfinished) (bool, error) { t.Error("its process lives"); return true, nil }); err != nil {
		t.Error(err)
	}
	for n := note(1); n <= 2; n++ {
		j.remove(n)
	}
	j.close()
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestAFileSystemWithoutLocksTakesUploads(t *testing.T) {
	r := start(t, config.ArtifactService{})
	store := r.room.store.(*directory)
	store.staging.take = func(l *flock.Flock) (bool, error) {
		_, _ = l.TryLock() // makes the file
		return false, syscall.ENOLCK
	}
	if status, body, _ := r.send(t, "ann", "PUT", base+"f", "hello"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if left, _ := filepath.Glob(filepath.Join(r.dir, ".*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	dead, young := filepath.Join(r.dir, store.staging.name()), filepath.Join(r.dir, store.staging.name())
	for _, name := range []string{dead, young} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-abandoned - time.Minute)
	if err := os.Chtimes(dead, old, old); err != nil {
		t.Fatal(err)
	}
	sweepStaging(r.dir, slog.New(slog.DiscardHandler))
	if left, _ := filepath.Glob(filepath.Join(r.dir, ".*")); len(left) != 1 || left[0] != young {
		t.Errorf("after the sweep: %v", left)
	}
}

func TestASweepGoesOnAfterAnUploadThatCannotBeAborted(t *testing.T) {
	var mu sync.Mutex
	aborted := map[string]int{}
	r := playS3(t, config.ArtifactService{}, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case r.Method == http.MethodGet && q.Has("uploads"):
			var list strings.Builder
			for _, key := range []string{"stuck", "old"} {
				fmt.Fprintf(&list, "<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload>", key, key)
			}
			_, _ = io.WriteString(w, "<ListMultipartUploadsResult>"+list.String()+"</ListMultipartUploadsResult>")
		case r.Method == http.MethodGet:
			_, _ = io.WriteString(w, "<ListPartsResult/>")
		case r.Method == http.MethodDelete:
			mu.Lock()
			defer mu.Unlock()
			aborted[q.Get("uploadId")]++
			if strings.HasPrefix(q.Get("uploadId"), "stuck") {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code></Error>")
				return
			}
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<Error><Code>NoSuchUpload</Code></Error>")
		}
	})
	store := r.room.store.(*s3Store)
	for done, tries := false, 0; !done && tries < 10_000; time.Sleep(time.Millisecond) { // with the sweep of the start
		tries++
		mu.Lock()
		if done = aborted["old"] > 0; done {
			clear(aborted)
		}
		mu.Unlock()
	}
	dead := newJournal(store.directory)
	for _, what := range []string{"stuck in a journal", "in a journal"} {
		dead.add(unfinished{Bucket: "b", Key: "k", ID: what})
	}
	_ = dead.lock.Close()
	store.sweep(context.Background())
	mu.Lock()
	defer mu.Unlock()
	for _, id := range []string{"stuck in a journal", "in a journal", "stuck", "old"} {
		if aborted[id] == 0 {
			t.Errorf("nobody has tried to abort %s: %v", id, aborted)
		}
	}
}

func TestAnUploadWhoseURLsCannotBeSignedIsAborted(t *testing.T) {
	var mu sync.Mutex
	var aborted []string
	r := playS3(t, config.ArtifactService{}, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			_, _ = io.WriteString(w, "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>")
		case r.Method == http.MethodDelete:
			mu.Lock()
			defer mu.Unlock()
			aborted = append(aborted, r.URL.Query().Get("uploadId"))
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<Error><Code>NoSuchUpload</Code></Error>")
		}
	})
	r.room.store.(*s3Store).presign = s3.NewPresignClient(s3.New(s3.Options{Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("the role is gone")
		})}))
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+"/api/2.0/mlflow-artifacts/mpu/create/d", strings.NewReader(`{"path":"x","num_parts":2}`))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("ann", "x")
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	mu.Lock()
	defer mu.Unlock()
	if answer.StatusCode != http.StatusServiceUnavailable || len(aborted) != 1 || aborted[0] != "u1" {
		t.Errorf("%s, aborted %v", answer.Status, aborted)
	}
}

package artifacts_test

import (
	"encoding/json"
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

// await polls until something has happened.
func await(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !happened(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not happen", what)
		}
	}
}

func TestWhatAKilledServerLeftInTheBucketIsSweptByTheNextStart(t *testing.T) {
	t.Parallel()
	bucket := harness.S3(t)
	dir := t.TempDir()
	env := bucket.Environment("p")
	env["MLFLOW_S3_PUBLIC_ENDPOINT_URL"] = bucket.Endpoint // a client may send parts by itself
	under := storeUnderTest{bucket: bucket, dir: filepath.Join(bucket.Dir, "p")}
	first := harness.Start(t, harness.Options{Dir: dir, Env: env})

	own := send(t.Context(), first.Client, "POST", "/api/2.0/mlflow-artifacts/mpu/create/dir", `{"path":"a client's own","num_parts":1}`,
		map[string]string{"Content-Type": "application/json"})
	var begun struct {
		ID string `json:"upload_id"`
	}
	if err := json.Unmarshal([]byte(own.body), &begun); err != nil || begun.ID == "" {
		t.Fatalf("%d %s", own.status, own.body)
	}
	body, write := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, first.URL+"/api"+store+"/big", body)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(first.User, first.Password)
	var cut sync.WaitGroup
	cut.Go(func() {
		if answer, err := http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
			t.Errorf("a killed server answers %s", answer.Status)
		}
	})
	if _, err := write.Write(random(11 << 20)); err != nil {
		t.Fatal(err)
	}
	await(t, "an upload in parts", func() bool { return len(under.leftovers(t)) == 2 })
	first.Kill()
	write.CloseWithError(errCut)
	cut.Wait()
	if left := under.leftovers(t); len(left) != 2 {
		t.Fatalf("nothing is left to sweep: %v", left)
	}

	second := harness.Start(t, harness.Options{Dir: dir, Env: env})
	await(t, "the sweep", func() bool { return len(under.leftovers(t)) == 1 })
	if left := under.leftovers(t); !strings.Contains(left[0], begun.ID) {
		t.Errorf("the client's own upload is gone, this is left: %v", left)
	}
	if _, err := os.Stat(filepath.Join(under.dir, "big")); err == nil {
		t.Error("a partial file is visible")
	}
	await(t, "the line in the log", func() bool { return strings.Contains(second.Log(), "swept unfinished uploads") })
	second.Stop()
}

// CVE-2026-2651: whoever could send an upload in parts could put it over any file.
func TestCVE20262651AnUploadInPartsReplacesNoOtherFile(t *testing.T) {
	t.Parallel()
	bucket := harness.S3(t)
	env := bucket.Environment("p")
	env["MLFLOW_S3_PUBLIC_ENDPOINT_URL"] = bucket.Endpoint
	s := serve(t, harness.Client{}, env)
	under := storeUnderTest{bucket: bucket, dir: filepath.Join(bucket.Dir, "p"), native: s}
	kept := []byte("what somebody else has stored")
	if status, body, err := under.upload(t.Context(), "theirs/model.pkl", kept, -1, true); status != 200 {
		t.Fatal(status, body, err)
	}
	post := func(step, dir, body string) answer {
		return send(t.Context(), s.Client, "POST", "/api/2.0/mlflow-artifacts/mpu/"+step+"/"+dir, body, map[string]string{"Content-Type": "application/json"})
	}
	var mine struct {
		ID          string `json:"upload_id"`
		Credentials []struct{ URL string }
	}
	made := post("create", "mine", `{"path":"model.pkl","num_parts":1}`)
	if err := json.Unmarshal([]byte(made.body), &mine); err != nil || len(mine.Credentials) != 1 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	part, err := http.NewRequestWithContext(t.Context(), http.MethodPut, mine.Credentials[0].URL, strings.NewReader("mine"))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := quick.Do(part)
	if err != nil {
		t.Fatal(err)
	}
	stored.Body.Close()
	etag, err := json.Marshal(stored.Header.Get("Etag"))
	if err != nil || stored.StatusCode != 200 {
		t.Fatal(stored.Status, err)
	}
	finish := func(path string) string {
		return `{"path":"` + path + `","upload_id":"` + mine.ID + `","parts":[{"part_number":1,"etag":` + string(etag) + `}]}`
	}
	for _, c := range []struct{ why, step, dir, body string }{
		{"another folder than the one it was begun for", "complete", "theirs", finish("model.pkl")},
		{"a way out of the folder", "complete", "mine/../theirs", finish("model.pkl")},
		{"an encoded way out", "complete", "mine%2f..%2ftheirs", finish("model.pkl")},
		{"a way out encoded twice", "complete", "mine%252f..%252ftheirs", finish("model.pkl")},
		{"a way out in the body's path", "complete", "mine", finish("../theirs/..")},
		{"a beginning outside of the store", "create", "..", `{"path":"x","num_parts":1}`},
		{"an end to an upload of another name", "abort", "theirs", `{"path":"model.pkl","upload_id":"` + mine.ID + `"}`},
	} {
		if a := post(c.step, c.dir, c.body); a.status != 400 && a.status != 404 {
			t.Errorf("%s: %d %s", c.why, a.status, a.body)
		}
	}
	if got := under.stored("theirs/model.pkl"); string(got) != string(kept) {
		t.Errorf("the file is now %q", got)
	}
	if a := post("complete", "mine", finish("model.pkl")); a.status != 200 || string(under.stored("mine/model.pkl")) != "mine" {
		t.Errorf("the upload itself: %d %s", a.status, a.body)
	}
}

package artifacts_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// step sends one request of an upload in parts.
func (s storeUnderTest) step(t *testing.T, step string, body map[string]any) answer {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return send(t.Context(), s.Client, "POST", "/api/2.0/mlflow-artifacts/mpu/"+step+"/dir", string(text), map[string]string{"Content-Type": "application/json"})
}

// sendDirectly uploads content as a client does it that reaches the store, and returns how to complete it.
func (s storeUnderTest) sendDirectly(t *testing.T, name string, content []byte) (complete map[string]any) {
	t.Helper()
	made := s.step(t, "create", map[string]any{"path": name, "num_parts": 1})
	var begun struct {
		ID          string `json:"upload_id"`
		Credentials []struct{ URL string }
	}
	if err := json.Unmarshal([]byte(made.body), &begun); err != nil || len(begun.Credentials) != 1 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	part, err := http.NewRequestWithContext(t.Context(), http.MethodPut, begun.Credentials[0].URL, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := quick.Do(part)
	if err != nil {
		t.Fatal(err)
	}
	stored.Body.Close()
	if stored.StatusCode != http.StatusOK {
		t.Fatal(stored.Status)
	}
	return map[string]any{"path": name, "upload_id": begun.ID, "parts": []any{map[string]any{"part_number": 1, "etag": stored.Header.Get("Etag")}}}
}

// reachable is a store that clients are sent to.
func reachable(t *testing.T, more map[string]string) storeUnderTest {
	t.Helper()
	bucket := harness.S3(t)
	env := bucket.Environment("p")
	env["MLFLOW_S3_PUBLIC_ENDPOINT_URL"] = bucket.Endpoint
	f := newFaulty(t, bucket.Endpoint)
	env["MLFLOW_S3_ENDPOINT_URL"] = f.URL
	for name, value := range more {
		env[name] = value
	}
	return storeUnderTest{native: serve(t, harness.Client{}, env), dir: filepath.Join(bucket.Dir, "p"), bucket: bucket, faulty: f}
}

func TestDirectUploadsAreLimitedInSizeAndPerDay(t *testing.T) {
	t.Parallel()
	s := reachable(t, map[string]string{"MLFLOW_MAX_ARTIFACT_MB": "2", "MLFLOW_MAX_DAILY_UPLOAD_MB": "3"})
	for i, c := range []struct {
		why  string
		size int
		want int
	}{
		{"small enough", 2 << 20, 200}, {"too large", 2<<20 + 1, 413}, {"more than the day allows", 1<<20 + 1, 507}, {"what is left of it", 1 << 20, 200},
	} {
		name := fmt.Sprint("f", i)
		content := random(c.size)
		a := s.step(t, "complete", s.sendDirectly(t, name, content))
		if a.status != c.want || c.want != 200 && !strings.Contains(a.body, "RESOURCE_EXHAUSTED") {
			t.Errorf("%s: %d %s", c.why, a.status, a.body)
		}
		if got := s.stored("dir/" + name); (c.want == 200) != bytes.Equal(got, content) || c.want != 200 && got != nil {
			t.Errorf("%s: %d bytes are stored", c.why, len(got))
		}
	}
	if a := s.step(t, "create", map[string]any{"path": "more", "num_parts": 1}); a.status != 507 || !strings.Contains(a.body, "RESOURCE_EXHAUSTED") {
		t.Errorf("nothing is left of the day: %d %s", a.status, a.body)
	}
	s.settled(t)
}

// MLflow reads such requests in several ways, and knows of no limit.
func TestNoSpellingOfADirectUploadGoesPastTheLimits(t *testing.T) {
	t.Parallel()
	s := reachable(t, map[string]string{"MLFLOW_MAX_ARTIFACT_MB": "2"})
	large := random(2<<20 + 1)
	for i, c := range []struct {
		why    string
		change func(map[string]any)
		want   int
	}{
		{"a field that nobody knows", func(m map[string]any) { m["x"] = 1 }, 413},
		{"protobuf's own spelling", func(m map[string]any) { m["uploadId"] = m["upload_id"]; delete(m, "upload_id") }, 400},
		{"a number as text", func(m map[string]any) { m["parts"].([]any)[0].(map[string]any)["part_number"] = "1" }, 400},
	} {
		name := fmt.Sprint("f", i)
		complete := s.sendDirectly(t, name, large)
		c.change(complete)
		if a := s.step(t, "complete", complete); a.status != c.want {
			t.Errorf("%s: %d %s", c.why, a.status, a.body)
		}
		if got := s.stored("dir/" + name); got != nil {
			t.Errorf("%s: %d bytes are stored", c.why, len(got))
		}
	}
	if a := s.step(t, "create", map[string]any{"path": "g", "numParts": 1, "num_parts": "1"}); a.status != 400 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// The UI has a route of its own for files that it attaches to a run, which MLflow answers.
func TestFilesThatTheUISendsCountToo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a")
	server := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_ARTIFACT_URI": dir, "MLFLOW_MAX_ARTIFACT_MB": "2", "MLFLOW_MAX_DAILY_UPLOAD_MB": "3"}})
	made := send(t.Context(), server.Client, "POST", "/api/2.0/mlflow/runs/create", `{"experiment_id":"0"}`, map[string]string{"Content-Type": "application/json"})
	var run struct {
		Run struct {
			Info struct {
				ID string `json:"run_id"`
			}
		}
	}
	if err := json.Unmarshal([]byte(made.body), &run); err != nil {
		t.Fatalf("%d %s", made.status, made.body)
	}
	attach := func(run, name string, size int) answer {
		return send(t.Context(), server.Client, "POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid="+run+"&path="+name, strings.Repeat("x", size), nil)
	}
	for i, c := range []struct {
		why, run string
		size     int
		want     int
	}{
		{"small enough", run.Run.Info.ID, 2 << 20, 200}, {"too large", run.Run.Info.ID, 2<<20 + 1, 413}, {"to no run", "none", 1 << 20, 404},
		{"more than the day allows", run.Run.Info.ID, 1<<20 + 1, 507}, {"what is left of it", run.Run.Info.ID, 1 << 20, 200}, {"nothing is left", run.Run.Info.ID, 1, 507},
	} {
		name := fmt.Sprint("f", i)
		a := attach(c.run, name, c.size)
		if a.status != c.want || c.want > 404 && !strings.Contains(a.body, "RESOURCE_EXHAUSTED") {
			t.Errorf("%s: %d %s %v", c.why, a.status, a.body, a.err)
		}
		if _, err := os.Stat(filepath.Join(dir, "0", run.Run.Info.ID, "artifacts", name)); (err == nil) != (c.want == 200) {
			t.Errorf("%s: stored: %v", c.why, err)
		}
	}
}

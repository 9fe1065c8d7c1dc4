package gate

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestNewRunsHaveTheSignedInUserAsAuthor(t *testing.T) {
	for on, want := range map[bool]string{true: "ann", false: "root"} {
		r := start(t, func(o *Options) { o.StampUser = on })
		var got []byte
		r.mlflow.answer = func(req *http.Request) (*http.Response, error) {
			got, _ = io.ReadAll(req.Body)
			if int64(len(got)) != req.ContentLength {
				t.Errorf("%d bytes announced, %d came", req.ContentLength, len(got))
			}
			return response(200, ""), nil
		}
		body := `{"experiment_id": "1", "user_id": "root", "run_name": "n<&>", "start_time": 12345678901234567, "tags": [{"key": "mlflow.user", "value": "root"}, {"key": "k", "value": "v"}]}`
		if resp := r.post(t, "/api/2.0/mlflow/runs/create", body); resp != 200 {
			t.Fatalf("%d", resp)
		}
		var run struct {
			UserID    string `json:"user_id"`
			Name      string `json:"run_name"`
			StartTime json.Number
			Tags      []struct{ Key, Value string }
		}
		if err := json.Unmarshal(got, &run); err != nil {
			t.Fatal(err)
		}
		tags := map[string]string{}
		for _, tag := range run.Tags {
			tags[tag.Key] = tag.Value
		}
		if run.UserID != want || tags["mlflow.user"] != want || tags["k"] != "v" || len(run.Tags) != 2 || run.Name != "n<&>" || !strings.Contains(string(got), "12345678901234567") {
			t.Errorf("stamping is %v: %s", on, got)
		}
		r.post(t, "/api/2.0/mlflow/runs/update", `{"user_id": "root"}`)
		if string(got) != `{"user_id": "root"}` {
			t.Errorf("another route was changed: %s", got)
		}
		if !on {
			continue
		}
		before := len(r.mlflow.reached())
		for _, bad := range []string{"", "[]", "null", "{", "\xff\xfe{\x00}\x00", `{"tags": 1}`, `{"tags": "` + strings.Repeat("x", maxStamped) + `"}`} {
			if status := r.post(t, "/ajax-api/2.0/mlflow/runs/create", bad); status != 400 {
				t.Errorf("%.20q: %d", bad, status)
			}
		}
		if len(r.mlflow.reached()) != before {
			t.Error("what cannot be stamped reached MLflow")
		}
	}
}

// post sends a JSON body as ann and returns the status.
func (r rig) post(t *testing.T, path, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ann", annsPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// readingRoom makes runs as native tracking does: it reads the body and may hand the request on.
type readingRoom struct{ got *string }

func (readingRoom) Serves(*http.Request) bool { return true }

func (r readingRoom) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	if *r.got = string(body); int64(len(body)) != q.ContentLength {
		*r.got = "another length: " + *r.got
	}
	w.WriteHeader(http.StatusOK)
}

func TestRunsThatARoomMakesHaveTheSignedInUserAsAuthor(t *testing.T) {
	var got string
	r := start(t, func(o *Options) { o.StampUser, o.Rooms = true, []Room{readingRoom{&got}} })
	if status := r.post(t, "/api/2.0/mlflow/runs/create", `{"user_id": "root", "tags": [{"key": "mlflow.user", "value": "root"}]}`); status != 200 {
		t.Fatal(status)
	}
	if want := `{"tags":[{"key":"mlflow.user","value":"ann"}],"user_id":"ann"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

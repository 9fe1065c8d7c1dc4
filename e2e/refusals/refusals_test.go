package refusals

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// refusal is one way to be refused, and what is said then.
type refusal struct {
	Name     string `json:"name"`
	User     string `json:"user"`
	Password string `json:"password"`
	// Do is Python that is refused; says is a part of the sentence that people and programs get then, raises one of what the
	// client raises, where that is not the sentence.
	Do           string `json:"do"`
	says, raises string

	// The same as a request: what a browser or another program sends.
	status            int
	method, path      string
	size              int64 // of the body, which is zeros
	title, code       string
	tryAgain, refresh bool // Retry-After, and a page that loads itself again
}

const (
	search = "/api/2.0/mlflow/experiments/search"
	upload = "/api/2.0/mlflow-artifacts/artifacts/1/"
	asks   = `client.search_experiments()`
	// guesses go on until they are put off: one is allowed again every ten seconds.
	guesses = `for n in range(200):
    try:
        client.search_experiments()
    except mlflow.MlflowException as error:
        if "UNAUTHENTICATED" not in str(error):
            raise`
	// mb is what MLFLOW_MAX_ARTIFACT_MB counts, in bytes.
	mb = 1 << 20
)

func TestARefusalIsAPageForAPersonAndAnExceptionWithASentenceForTheClient(t *testing.T) {
	server := harness.Start(t, harness.Options{Env: map[string]string{
		"MLFLOW_TRACKING_USERNAME": "ann,vic,sam", "MLFLOW_TRACKING_PASSWORD": "annspassword,vicspassword,samspassword", "MLFLOW_VIEWERS": "vic",
		"MLFLOW_MAX_ARTIFACT_MB": "1", "MLFLOW_MAX_DAILY_UPLOAD_MB": "2", "WEB_CONCURRENCY": "2",
	}})
	ann := server.As("ann", "annspassword")
	sam := server.As("sam", "samspassword")
	for n := range 2 {
		if answer := sam.Request(t, http.MethodPut, upload+strconv.Itoa(n), zeros(mb), nil); answer.Status != http.StatusOK {
			t.Fatalf("an upload that is allowed: %d %s", answer.Status, answer.Body)
		}
	}
	put := func(bytes int) string {
		return fmt.Sprintf(`client.log_text(client.create_run("0").info.run_id, "x" * %d, "large.txt")`, bytes)
	}
	cases := []refusal{
		{Name: "a wrong password", User: "ann", Password: "wrong", Do: asks, says: "MLFLOW_TRACKING_PASSWORD",
			status: 401, method: "POST", path: search, title: "Sign in to MLflow", code: "UNAUTHENTICATED"},
		{Name: "a viewer who writes", User: "vic", Password: "vicspassword", Do: `client.create_experiment("x")`, says: "The user vic may read on this server, not write.",
			status: 403, method: "POST", path: "/api/2.0/mlflow/experiments/create", title: "Only reading is allowed", code: "PERMISSION_DENIED"},
		{Name: "a part that is closed", User: "ann", Password: "annspassword", Do: `client.create_webhook("x", "https://127.0.0.1/", [])`, says: "MLFLOW_OPEN_ROUTES=webhooks",
			status: 403, method: "GET", path: "/api/2.0/mlflow/webhooks", title: "This part of MLflow is switched off", code: "PERMISSION_DENIED"},
		{Name: "no such page", User: "ann", Password: "annspassword",
			Do: `from mlflow.utils.rest_utils import http_request, verify_rest_response
where = "/api/2.0/mlflow/nothing"
verify_rest_response(http_request(client._tracking_client.store.get_host_creds(), where, "GET"), where)`,
			says: "MLflow has no such route", status: 404, method: "GET", path: "/nothing", title: "There is no such page", code: "ENDPOINT_NOT_FOUND"},
		{Name: "a file that is too large", User: "ann", Password: "annspassword", Do: put(2 * mb), says: "MLFLOW_MAX_ARTIFACT_MB",
			status: 413, method: "PUT", path: upload + "large", size: 2 * mb, title: "The file is too large", code: "RESOURCE_EXHAUSTED"},
		{Name: "too many guesses", User: "eve", Password: "wrong", Do: guesses, says: "Too many wrong user names or passwords", raises: "too many 429 error responses",
			status: 429, method: "POST", path: search, title: "Too many wrong attempts", code: "RESOURCE_EXHAUSTED", tryAgain: true},
		{Name: "more than the day allows", User: "sam", Password: "samspassword", Do: put(mb / 2), says: "MLFLOW_MAX_DAILY_UPLOAD_MB",
			status: 507, method: "PUT", path: upload + "more", size: mb / 2, title: "There is no room for this file", code: "RESOURCE_EXHAUSTED"},
	}
	raised := raise(t, ann, cases...)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { c.check(t, server.As(c.User, c.Password), raised) })
	}
}

func TestAServerThatIsNotReadySaysSo(t *testing.T) {
	server := harness.Launch(t, harness.Options{Env: map[string]string{
		"MLFLOW_BACKEND_URI": fmt.Sprintf("postgresql://nobody@127.0.0.1:%d/nothing", harness.FreePort(t)), "MLFLOW_DB_WAIT_SECONDS": "600",
	}})
	server.WaitListening()
	c := refusal{Name: "too early", User: server.User, Password: server.Password, Do: asks, says: "not ready yet", raises: "too many 503 error responses",
		status: 503, method: "GET", path: "/", title: "MLflow is on its way", code: "TEMPORARILY_UNAVAILABLE", tryAgain: true, refresh: true}
	c.check(t, server.Client, raise(t, server.Client, c))
}

//go:embed client.py
var client string

// raise does all that with the client and returns what it raised, by the names of the cases.
func raise(t *testing.T, c harness.Client, cases ...refusal) map[string]string {
	t.Helper()
	given, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	out, err := harness.PythonSource(t, c, client, string(given))
	_, last, _ := strings.Cut(out, "raised ")
	var raised map[string]string
	if err == nil {
		err = json.NewDecoder(strings.NewReader(last)).Decode(&raised)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return raised
}

func (c refusal) check(t *testing.T, s harness.Client, raised map[string]string) {
	t.Helper()
	// What it tries again, the client tells by the status in the end, whatever was said.
	if text := raised[c.Name]; !strings.Contains(text, cmp.Or(c.raises, c.says)) || strings.Contains(text, "<html") || strings.Contains(text, "Traceback") {
		t.Errorf("the client raises %q", text)
	}
	ask := func(accept string) harness.Answer {
		for tries := 0; ; tries++ {
			answer := s.Request(t, c.method, c.path, zeros(c.size), func(r *http.Request) {
				r.Header.Set("Accept", accept)
				r.ContentLength = c.size
			})
			if c.status != http.StatusTooManyRequests || answer.Status != http.StatusUnauthorized || tries > 200 {
				return answer
			}
		}
	}
	c.checkPage(t, ask("text/html,application/xhtml+xml,*/*;q=0.8"))
	program := ask("*/*")
	var e struct {
		Code    string `json:"error_code"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal([]byte(program.Body), &e); err != nil || program.Status != c.status || e.Code != c.code || !strings.Contains(e.Message, c.says) {
		t.Errorf("a program gets %d %s", program.Status, program.Body)
	}
	if again := program.Header.Get("Retry-After") != ""; again != c.tryAgain {
		t.Errorf("Retry-After is %q", program.Header.Get("Retry-After"))
	}
}

func (c refusal) checkPage(t *testing.T, page harness.Answer) {
	t.Helper()
	if page.Status != c.status || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a person gets %d with %v", page.Status, page.Header)
	}
	for _, want := range []string{"<title>" + c.title + "</title>", c.title + "</h1>", c.says} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("%q is not on the page:\n%s", want, page.Body)
		}
	}
	if refresh := strings.Contains(page.Body, `http-equiv="refresh"`); refresh != c.refresh {
		t.Errorf("the page loads itself again: %v", refresh)
	}
}

// zeros is a body of that size; none for 0.
func zeros(size int64) io.Reader {
	if size == 0 {
		return nil
	}
	return bytes.NewReader(make([]byte, size))
}

package gate

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestARefusalIsAPageForABrowserAndMLflowsErrorForAProgram(t *testing.T) {
	t.Parallel()
	for _, f := range []refusal{
		{status: 400, code: "BAD_REQUEST", title: "Bad request", text: "It cannot be read."},
		{status: 401, code: "UNAUTHENTICATED", title: "Sign in to MLflow", text: "A user name is needed."},
		{status: 403, code: "PERMISSION_DENIED", title: "Only reading is allowed", text: "The user <b>vic</b> may read."},
		{status: 404, code: "ENDPOINT_NOT_FOUND", title: "There is no such page", text: "This server has no page here."},
		{status: 413, code: "RESOURCE_EXHAUSTED", title: "The file is too large", text: "At most 5 MB."},
		{status: 429, code: "RESOURCE_EXHAUSTED", title: "Too many wrong attempts", text: "Try again in 5 s.", retryAfter: "5"},
		{status: 502, code: "TEMPORARILY_UNAVAILABLE", title: "MLflow did not answer", text: "It is running again.", retry: true},
		{status: 503, code: "TEMPORARILY_UNAVAILABLE", title: "MLflow is on its way", text: "MLflow is loading.", retry: true},
		{status: 507, code: "RESOURCE_EXHAUSTED", title: "The disk is full", text: "Nothing can be stored."},
	} {
		answer := func(accept string) *http.Response {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
			r.Header.Set("Accept", accept)
			identify(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				about(r).user = "vic"
				refuse(w, r, f)
			})).ServeHTTP(w, r)
			return w.Result()
		}
		page := answer("text/html,application/xhtml+xml,*/*;q=0.8")
		body := text(t, page)
		if page.StatusCode != f.status || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") || page.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d: a page with %d and %v", f.status, page.StatusCode, page.Header)
		}
		for _, want := range []string{"<h1>" + f.title + "</h1>", strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(f.text), page.Header.Get("X-Request-Id")} {
			if !strings.Contains(body, want) {
				t.Errorf("%d: %q is not on the page:\n%s", f.status, want, body)
			}
		}
		if again := strings.Contains(body, `http-equiv="refresh"`); again != f.retry {
			t.Errorf("%d: the page tries again: %v", f.status, again)
		}
		program := answer("*/*")
		var e map[string]string
		if err := json.Unmarshal([]byte(text(t, program)), &e); err != nil || len(e) != 2 || e["error_code"] != f.code || e["message"] != f.text {
			t.Errorf("%d: a program gets %v, %v", f.status, e, err)
		}
		if waits := program.Header.Get("Retry-After") != ""; waits != (f.retry || f.retryAfter != "") {
			t.Errorf("%d: Retry-After is %q", f.status, program.Header.Get("Retry-After"))
		}
	}
}

package login_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"mlflow-server/e2e/harness"
)

// paths are every kind of door there is, and spellings of the open one that are not it.
var paths = []string{
	"/", "//", "/index.html", "/version", "/metrics", "/signup", "/unknown", "/favicon.ico",
	"/api/2.0/mlflow/experiments/search", "/api/2.0/mlflow/runs/create", "/api/2.0/mlflow/registered-models/search",
	"/api/2.0/mlflow/users/create", "/api/2.0/mlflow/users/current", "/api/3.0/mlflow/server-info", "/api/3.0/mlflow/traces/search",
	"/ajax-api/2.0/mlflow/experiments/search", "/ajax-api/2.0/mlflow/runs/search", "/ajax-api/3.0/mlflow/assistant/providers",
	"/ajax-api/3.0/jobs", "/graphql", "/v1/traces", "/gateway/supported-models",
	"/static-files/index.html", "/static-files/favicon.ico", "/get-artifact", "/model-versions/get-artifact",
	"/api/2.0/mlflow-artifacts/artifacts", "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/model.pkl",
	"/ajax-api/2.0/mlflow-artifacts/artifacts/0/run", "/docs", "/openapi.json",
	"/health/", "//health", "/./health", "/Health", "/%68ealth", "/health%2f", "/health;x", "/health%00", "/health/../version",
	"/static-files/..%2f..%2fversion", "/ping",
}

// misspelt are those of them that have more than one reading. They are refused as such, whoever comes.
var misspelt = []string{"//", "//health", "/./health", "/health%2f", "/health;x", "/health%00", "/health/../version", "/static-files/..%2f..%2fversion"}

func basic(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }

// attempt is a way to come without a valid login.
type attempt struct {
	name   string
	header http.Header
}

func authorization(values ...string) http.Header { return http.Header{"Authorization": values} }

func attempts() []attempt {
	right := basic(plain.name + ":" + plain.password)
	return []attempt{
		{"no login", nil},
		{"a wrong password", authorization(basic("anna:wrong"))},
		{"a password in another case", authorization(basic(hashed.name + ":Correct horse battery staple"))},
		{"a password cut short", authorization(basic(plain.name + ":" + plain.password[:5]))},
		{"a password and a newline", authorization(basic(plain.name + ":" + plain.password + "\n"))},
		{"an empty password", authorization(basic("anna:"))},
		{"an unknown user", authorization(basic("nobody:" + plain.password))},
		{"a user in another case", authorization(basic("Anna:" + plain.password))},
		{"an empty user", authorization(basic(":" + plain.password))},
		{"both empty", authorization(basic(":"))},
		{"another user's password", authorization(basic(hashed.name + ":" + plain.password))},
		{"the default login", authorization(basic("mlflow:mlflow"))},
		{"a long password for a hash", authorization(basic(hashed.name + ":" + strings.Repeat("x", 100)))},
		{"no colon", authorization(basic("anna"))},
		{"an empty header", authorization("")},
		{"the scheme alone", authorization("Basic")},
		{"nothing after the scheme", authorization("Basic ")},
		{"garbage after the scheme", authorization("Basic !!! not base64 !!!")},
		{"something after the right login", authorization(right + " x")},
		{"base64 of zeros", authorization(basic("\x00\x00:\x00"))},
		{"another scheme with the right login", authorization("Bearer " + strings.TrimPrefix(right, "Basic "))},
		{"no scheme", authorization(strings.TrimPrefix(right, "Basic "))},
		{"digest", authorization(`Digest username="anna", realm="MLflow", nonce="0", uri="/", response="0"`)},
		{"the login in latin-1", authorization(basic("D\xf6rte, M\xfcller:p"))},
		{"8 kB of garbage", authorization("Basic " + strings.Repeat("A", 8<<10))},
		{"two headers, one of them right", authorization(right, basic("anna:wrong"))},
		{"the right login for a proxy", http.Header{"Proxy-Authorization": {right}}},
		{"the right login in a cookie", http.Header{"Cookie": {"Authorization=" + right}}},
		{"a user named by a proxy", http.Header{"X-Forwarded-User": {"anna"}, "X-Remote-User": {"anna"}, "Remote-User": {"anna"}}},
		{"a local client", http.Header{"X-Forwarded-For": {"127.0.0.1"}, "X-Real-Ip": {"127.0.0.1"}, "Forwarded": {"for=127.0.0.1"}}},
		{"another path in a header", http.Header{"X-Original-Url": {"/health"}, "X-Rewrite-Url": {"/health"}}},
		{"another method in a header", http.Header{"X-Http-Method-Override": {"GET"}}},
		{"a monitor", http.Header{"User-Agent": {"ELB-HealthChecker/2.0"}}},
	}
}

func TestNobodyWithoutALoginReachesMLflow(t *testing.T) {
	// The lowest cost there is, for hundreds of wrong passwords.
	hash, err := bcrypt.GenerateFromPassword([]byte(hashed.password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	server := start(t, string(hash))
	methods := []string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions}
	// The marker stands in the query: the gate keeps that out of its own log, MLflow prints it.
	mark := func(path, marker string) string { return path + "?probe=" + marker }

	first := server.Request(t, http.MethodGet, mark("/version", "allowed-first"), nil, nil)
	if first.Status != http.StatusOK {
		t.Fatalf("the right login got %d: %s", first.Status, first.Body)
	}

	n := 0
	for _, a := range attempts() {
		t.Run(a.name, func(t *testing.T) {
			for _, path := range paths {
				method := methods[0]
				if n++; n%2 == 0 { // every other one changes something
					method = methods[1+n/2%(len(methods)-1)]
				}
				answer := server.Request(t, method, mark(path, fmt.Sprintf("refused-%d-", n)), body(method), func(r *http.Request) {
					r.Header.Del("Authorization")
					for name, values := range a.header {
						r.Header[name] = values
					}
					// As by a router: everybody comes from somewhere else, so that nobody is held back for guessing.
					r.Header["X-Forwarded-For"] = append(slices.Clone(a.header["X-Forwarded-For"]), fmt.Sprintf("10.0.%d.%d", n/256, n%256))
				})
				if slices.Contains(misspelt, path) {
					if answer.Status != http.StatusBadRequest {
						t.Errorf("%s %s: %d, wanted 400", method, path, answer.Status)
					}
					continue
				}
				if answer.Status != http.StatusUnauthorized {
					t.Errorf("%s %s: %d, wanted 401", method, path, answer.Status)
				}
				if challenge := answer.Header.Get("WWW-Authenticate"); !strings.HasPrefix(challenge, `Basic realm="`) {
					t.Errorf("%s %s: WWW-Authenticate is %q", method, path, challenge)
				}
				if strings.Contains(answer.Body, "3.17") || strings.Contains(strings.ToLower(answer.Body), "uvicorn") {
					t.Errorf("%s %s: the refusal tells an outsider about the inside: %s", method, path, answer.Body)
				}
			}
		})
	}
	if want := len(paths) * len(attempts()); n != want || len(paths) < 20 {
		t.Errorf("%d requests on %d paths, wanted %d", n, len(paths), want)
	}

	// One worker, one log: when the last allowed request is there, everything before it would be too.
	last := server.Request(t, http.MethodGet, mark("/version", "allowed-last"), nil, nil)
	if last.Status != http.StatusOK {
		t.Fatalf("the right login got %d: %s", last.Status, last.Body)
	}
	server.WaitLog("allowed-last")
	for _, marker := range []string{"allowed-first", "allowed-last"} {
		if len(arrived(server, marker)) == 0 {
			t.Fatalf("%s is not in MLflow's log, so that its silence proves nothing:\n%s", marker, harness.Tail(server.Log(), 30))
		}
	}
	if leaked := arrived(server, "refused-"); len(leaked) > 0 {
		t.Errorf("%d requests without a login have reached MLflow:\n%s", len(leaked), strings.Join(leaked, ""))
	}
}

func body(method string) io.Reader {
	if method == http.MethodGet || method == http.MethodHead {
		return nil
	}
	return strings.NewReader(`{"max_results": 1}`)
}

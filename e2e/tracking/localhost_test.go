package tracking_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/gate"
	"mlflow-server/internal/users"
)

// assistant is a route of MLflow's that only callers on its own machine are answered on.
const assistant = "/ajax-api/3.0/mlflow/assistant/message"

// ready is a server that has said that it is.
type ready struct{ *running }

func (ready) Phase() (bool, string) { return true, "" }

// MLflow's own command line listens on a loopback address, where whoever has no X-Forwarded-For is local to it.
func TestBehindTheGateNobodyIsLocalToMLflowsCommandLine(t *testing.T) {
	o := options(t)
	o.Runtime.Locked = false
	r := run(t, o)
	r.untilReady(t, 1)
	if code, body := r.ask(t, http.MethodPost, assistant, "{}"); code != http.StatusUnprocessableEntity {
		t.Fatalf("past the gate, MLflow does not take its caller for local: %d %s", code, body)
	}

	directory, err := users.NewDirectory(users.Accounts{Credentials: []users.Credential{{Name: "ann", Password: "right"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(gate.New(gate.Options{
		Users: directory, Upstream: ready{r}, SessionKey: []byte(strings.Repeat("k", 32)), SessionTime: time.Hour, OpenRoutes: []string{"assistant"},
		Proxies: gate.Proxies{Hops: 1}, Log: slog.New(slog.DiscardHandler),
	}))
	defer front.Close()
	for _, headers := range []http.Header{ // the proxy's own entry is the last one
		{"X-Forwarded-For": {"203.0.113.9"}},
		{"X-Forwarded-For": {"127.0.0.1, 203.0.113.9"}},
		{"X-Forwarded-For": {"127.0.0.1", "203.0.113.9"}},
		{"X-Forwarded-For": {"203.0.113.9"}, "X_Forwarded_For": {"127.0.0.1"}},
		{"X-Forwarded-For": {"203.0.113.9"}, "Forwarded": {"for=127.0.0.1"}, "X-Real-Ip": {"127.0.0.1"}},
		{"X-Forwarded-For": {"203.0.113.9"}, "Connection": {"X-Forwarded-For"}},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, front.URL+assistant, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header = headers.Clone()
		request.Header.Set("Content-Type", "application/json")
		request.SetBasicAuth("ann", "right")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusForbidden || !strings.Contains(string(body), "only accessible from the same host") {
			t.Errorf("%v: %d %s (%v)", headers, answer.StatusCode, body, err)
		}
	}
}

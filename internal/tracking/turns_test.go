package tracking

import (
	"context"
	"net/http"
	"testing"

	"mlflow-server/internal/provision"
)

func TestCallsOfTheCommandLineAreFewerThanItsConnections(t *testing.T) {
	lean := provision.Runtime{Locked: true}
	for _, tt := range []struct {
		options Options
		want    int
	}{
		{Options{Runtime: lean, Connections: 9}, 0}, // no bound
		{Options{Connections: 9}, 3},
		{Options{Runtime: lean, Jobs: true, Connections: 9}, 2},
		{Options{Connections: 2}, 1},
		{Options{}, 14},
		{Options{Connections: 9, Environ: []string{poolSize + "=40"}}, 0},
		{Options{Connections: 9, Environ: []string{poolClass + "=NullPool"}}, 0},
		{Options{Connections: 9, Environ: []string{poolExtra + "="}}, 3},
	} {
		if got := cap(newTurns(tt.options)); got != tt.want {
			t.Errorf("%+v: %d at a time, want %d", tt.options, got, tt.want)
		}
	}
}

func TestACallWaitsForItsTurn(t *testing.T) {
	ask := func(ctx context.Context, path string) *http.Request {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://x"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return request
	}
	all := newTurns(Options{Connections: 4}) // one at a time
	done, err := all.take(ask(t.Context(), "/api/2.0/mlflow/runs/log-batch"))
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := all.take(ask(gone, "/ajax-api/2.0/mlflow/runs/search")); err != context.Canceled {
		t.Errorf("a client that has left: %v", err)
	}
	for _, path := range []string{
		"/health", "/version", "/static-files/index.html", "/gateway/mlflow/v1/chat/completions", "/ajax-api/2.0/mlflow/gateway-proxy",
		"/ajax-api/3.0/mlflow/assistant/message", "/api/2.0/mlflow-artifacts/artifacts/a/b", "/ajax-api/2.0/mlflow/get-artifact",
	} {
		free, err := all.take(ask(gone, path))
		if err != nil {
			t.Errorf("%s waits: %v", path, err)
			continue
		}
		free()
	}
	next := make(chan error)
	go func() {
		free, err := all.take(ask(t.Context(), "/graphql"))
		if err == nil {
			free()
		}
		next <- err
	}()
	done()
	if err := <-next; err != nil {
		t.Error(err)
	}
}

func TestATurnEndsWhenTheAnswerBegins(t *testing.T) {
	p := start(t, "serves", func(s *Server) { s.turns = make(turns, 1) })
	p.untilReady(t)
	for range 3 { // none is read
		if _, err := p.get(t, "/api/hold/"); err != nil {
			t.Fatal(err)
		}
	}
	_ = p.stop(t)
	for range 3 {
		if _, err := p.get(t, "/api/x"); err == nil {
			t.Error("a server that was stopped answers")
		}
	}
}

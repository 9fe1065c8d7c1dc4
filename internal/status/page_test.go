package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mlflow-server/internal/tracking"
)

func newPage(child tracking.Status) *Page {
	return &Page{
		Version: "1.2.3", MLflow: func() string { return "3.17.2" }, Started: time.Now().Add(-time.Hour), MemoryLimit: 512 << 20,
		WorkerMemory: func() int64 { return 0 },
		Child:        func() tracking.Status { return child },
		Database:     func(context.Context) error { return nil },
	}
}

func get(t *testing.T, p *Page) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest("GET", "/-/status", nil))
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return got
}

func TestAReadyServerTellsEverything(t *testing.T) {
	got := get(t, newPage(tracking.Status{
		Phase: tracking.PhaseReady, Ready: true, Detail: "MLflow is ready", Since: time.Now().Add(-time.Minute), Restarts: 1, Schema: "abc",
		PID: os.Getpid(), Workers: []tracking.WorkerStatus{{Index: 0, PID: os.Getpid(), Ready: true, InFlight: 2}},
	}))
	for name, want := range map[string]any{
		"status": "ready", "version": "1.2.3", "mlflow_version": "3.17.2", "uptime_seconds": 3600.0, "status_for_seconds": 60.0,
		"restarts": 1.0, "schema_revision": "abc",
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if got["database"].(map[string]any)["reachable"] != true || got["artifacts"] != nil || len(got["workers"].([]any)) != 1 {
		t.Errorf("%v", got)
	}
}

func TestAServerThatIsNotReadyAsksNoDatabase(t *testing.T) {
	p := newPage(tracking.Status{Phase: tracking.PhaseDatabase, Detail: "waiting for the database"})
	p.Database = func(context.Context) error { t.Error("asked"); return nil }
	if got := get(t, p); got["status"] != "database" || got["database"] != nil {
		t.Errorf("%v", got)
	}
}

func TestTheStoreIsAskedBeforeMLflowIsReady(t *testing.T) {
	p := newPage(tracking.Status{Phase: tracking.PhaseDatabase, Detail: "waiting for the database"})
	p.Artifacts = func(context.Context) error { return errors.New("no such bucket") }
	if store, ok := get(t, p)["artifacts"].(map[string]any); !ok || store["reachable"] != false || store["problem"] != "no such bucket" {
		t.Errorf("%v", store)
	}
}

func TestWhatDoesNotAnswerIsNotCalledUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPage(tracking.Status{Phase: tracking.PhaseReady, Ready: true})
		p.Database = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		p.Artifacts = p.Database
		got := get(t, p)
		for name, want := range map[string]string{
			"database":  "no answer within 10 s: MLflow is busy with other calls, or the database does not answer it",
			"artifacts": "no answer within 10 s",
		} {
			one := got[name].(map[string]any)
			if reachable, told := one["reachable"]; !told || reachable != nil || one["problem"] != want {
				t.Errorf("%s: %v", name, one)
			}
		}
	})
}

func TestAFailureIsToldAndAskedForOnce(t *testing.T) {
	p := newPage(tracking.Status{Phase: tracking.PhaseReady, Ready: true})
	asked := 0
	p.Artifacts = func(context.Context) error { asked++; return errors.New("no such bucket") }
	for range 3 {
		store := get(t, p)["artifacts"].(map[string]any)
		if store["reachable"] != false || store["problem"] != "no such bucket" {
			t.Errorf("%v", store)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestACallerThatLeavesSaysNothingToTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPage(tracking.Status{Phase: tracking.PhaseReady, Ready: true})
		asked := 0
		p.Database = func(ctx context.Context) error { // wakes up within 5 s, as Aurora may
			asked++
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(5 * time.Second):
				return nil
			}
		}
		leaving, leave := context.WithCancel(t.Context())
		left := make(chan Report, 1)
		go func() { left <- p.Report(leaving) }()
		synctest.Wait()
		stays := make(chan Report, 1)
		go func() { stays <- p.Report(t.Context()) }()
		synctest.Wait()
		began := time.Now()
		leave()
		if r := <-left; r.Database != nil || time.Since(began) != 0 {
			t.Errorf("who left read %+v after %v", r.Database, time.Since(began))
		}
		if r := <-stays; r.Database == nil || !r.Database.Fine() || r.Database.Problem != "" || asked != 1 {
			t.Errorf("who stayed read %+v, asked %d times", r.Database, asked)
		}
		if r := p.Report(t.Context()); r.Database == nil || !r.Database.Fine() || asked != 1 {
			t.Errorf("who came later read %+v, asked %d times", r.Database, asked)
		}
		time.Sleep(fresh + 1)
		if p.Report(t.Context()); asked != 2 {
			t.Errorf("later still it was asked %d times", asked)
		}
	})
}

func TestADatabaseThatDoesNotAnswerIsNamedSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPage(tracking.Status{Phase: tracking.PhaseReady, Ready: true})
		p.Database = func(ctx context.Context) error {
			<-ctx.Done()
			return fmt.Errorf("asking MLflow: %w", ctx.Err())
		}
		if r := p.Report(t.Context()).Database; r == nil || r.Answered() ||
			r.Problem != "no answer within 10 s: MLflow is busy with other calls, or the database does not answer it" {
			t.Errorf("%+v", r)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTheDatabaseIsAskedThroughMLflow(t *testing.T) {
	for status, fine := range map[int]bool{200: true, 404: true, 500: false, 503: false} {
		ask := Database(roundTrip(func(*http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			w.WriteHeader(status)
			return w.Result(), nil
		}))
		if err := ask(t.Context()); (err == nil) != fine {
			t.Errorf("%d: %v", status, err)
		}
	}
	ask := Database(roundTrip(func(*http.Request) (*http.Response, error) { return nil, tracking.ErrNotReady }))
	if err := ask(t.Context()); err == nil || !strings.Contains(err.Error(), "not ready") {
		t.Error(err)
	}
}

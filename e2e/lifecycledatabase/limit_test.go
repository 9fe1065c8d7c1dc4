package lifecycledatabase

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/e2e/harness"
)

// As many as essential-0, the smallest of Heroku's plans, allows.
func TestAServerUnderLoadAndAMigrationBesideItStayWithinTheConnectionsOfTheSmallestPlan(t *testing.T) {
	t.Parallel()
	const allowed, clients = 20, 64
	database := harness.Postgres(t)
	env := map[string]string{"MLFLOW_BACKEND_URI": database.URL("postgresql"), "MLFLOW_DB_MAX_CONNECTIONS": fmt.Sprint(allowed), "WEB_CONCURRENCY": "3"}
	s := harness.Start(t, harness.Options{Env: env})
	s.WaitLog(`msg="native tracking" is=on`)
	run := createRun(t, s)

	address := s.URL[len("http://"):]
	server := load.Server{Addresses: []string{address}, Host: address, User: s.User, Password: s.Password}
	var work sync.WaitGroup
	var answered, failed atomic.Int64
	ctx, end := context.WithCancel(t.Context())
	defer work.Wait() // before the test is over, for which they speak
	defer end()
	for n := range clients {
		work.Go(func() {
			for i := n; ctx.Err() == nil; i++ {
				if _, err := load.Do(context.WithoutCancel(ctx), server, call(run, i)); err != nil {
					if failed.Add(1) == 1 {
						t.Errorf("a call failed: %v", err)
					}
				}
				answered.Add(1)
			}
		})
	}
	migrated := make(chan harness.Result, 1)
	go func() {
		defer close(migrated) // also when the run has failed the test
		migrated <- harness.RunToExit(t, harness.Options{Args: []string{"migrate"}, Env: env})
	}()

	beside := database
	beside.Name = "postgres"
	db := harness.OpenPostgres(t, beside)
	most := 0
	// As long as the migration takes, for some time, and until there are enough to speak of, which a busy machine has later.
	enough := func(took time.Duration) bool {
		return took > 10*time.Second && (most >= allowed/2 || took > 2*time.Minute)
	}
	for began, done := time.Now(), false; !done || !enough(time.Since(began)); time.Sleep(5 * time.Millisecond) {
		var now int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = $1",
			database.Name).Scan(&now); err != nil {
			t.Fatal(err)
		}
		most = max(most, now)
		select {
		case r := <-migrated:
			done = true
			if r.Code != 0 {
				t.Errorf("migrate: exit code %d\n%s", r.Code, r.Stderr)
			}
		default:
		}
	}
	end()
	work.Wait()
	t.Logf("%d calls, %d connections at most", answered.Load(), most)
	if most > allowed || most < allowed/2 {
		t.Errorf("%d connections at most, of %d that are allowed", most, allowed)
	}
}

// call is one that a worker answers, two of them with a second connection within it, or one that native tracking does.
func call(run string, i int) load.Request {
	post := func(path, body string) load.Request {
		return load.Request{Method: "POST", Path: "/api/2.0/mlflow/" + path, Body: body}
	}
	switch i % 5 {
	case 0:
		return post("runs/log-metric", fmt.Sprintf(`{"run_id": %q, "key": "m", "value": 1, "timestamp": %d, "step": %d}`, run, i, i))
	case 1:
		// With a field that is left to MLflow.
		return post("runs/log-batch", fmt.Sprintf(`{"run_id": %q, "metrics": [{"key": "b", "value": 1, "timestamp": %d, "step": %d}], "beside": 1}`, run, i, i))
	case 2:
		return post("runs/log-batch", fmt.Sprintf(`{"run_id": %q, "tags": [{"key": "t%d", "value": "1"}], "beside": 1}`, run, i%50))
	case 3:
		return load.Request{Method: "GET", Path: "/api/2.0/mlflow/registered-models/search?max_results=5"}
	default:
		return post("experiments/create", fmt.Sprintf(`{"name": "experiment %d of %d"}`, i, time.Now().UnixNano()))
	}
}

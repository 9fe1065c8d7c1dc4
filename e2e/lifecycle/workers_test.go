package lifecycle

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlflow-server/bench/process"
	"mlflow-server/e2e/harness"
)

// state is what the tests read of /-/status.
type state struct {
	Status         string `json:"status"`
	Version        string `json:"version"`
	MLflow         string `json:"mlflow_version"`
	Restarts       int    `json:"restarts"`
	WorkerRestarts int    `json:"worker_restarts"`
	Schema         string `json:"schema_revision"`
	Workers        []struct {
		PID    int   `json:"pid"`
		Ready  bool  `json:"ready"`
		Memory int64 `json:"memory_bytes"`
	} `json:"workers"`
	Memory struct {
		WorkerShare int64 `json:"worker_share_bytes"`
	} `json:"memory"`
	Database, Artifacts struct {
		Reachable bool `json:"reachable"`
	}
}

func status(t *testing.T, s *harness.Instance) (now state) {
	t.Helper()
	answer := s.Request(t, http.MethodGet, "/-/status", nil, nil)
	if err := json.Unmarshal([]byte(answer.Body), &now); answer.Status != http.StatusOK || err != nil {
		t.Fatalf("%d %s (%v)", answer.Status, answer.Body, err)
	}
	return now
}

func until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for began := time.Now(); !reached(); time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("%s: not within two minutes", what)
		}
	}
}

func TestAServerTellsHowItIsAndHealsItself(t *testing.T) {
	t.Parallel()
	database, heroku, metricsPort := harness.Postgres(t), collector(t), harness.FreePort(t)
	s := harness.Start(t, harness.Options{Env: map[string]string{
		"MLFLOW_BACKEND_URI": database.URL("postgresql"), "WEB_CONCURRENCY": "2", "MLFLOW_DB_IDLE_SECONDS": "2",
		"HEROKU_METRICS_URL": heroku.url, "MLFLOW_METRICS_PORT": strconv.Itoa(metricsPort),
	}})
	db := harness.OpenPostgres(t, database)
	ours := func() (n int) {
		if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE application_name LIKE 'mlflow-server%' AND datname = $1`, database.Name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}

	t.Run("it tells how it is, to users only", func(t *testing.T) {
		now := status(t, s)
		if now.Status != "ready" || now.MLflow == "" || now.Schema == "" || len(now.Workers) != 2 || !now.Database.Reachable || !now.Artifacts.Reachable {
			t.Errorf("%+v", now)
		}
		metrics := s.Request(t, http.MethodGet, "/-/metrics", nil, nil)
		if metrics.Status != http.StatusOK || !strings.Contains(metrics.Body, "mlflow_server_ready 1\n") {
			t.Errorf("%d %s", metrics.Status, metrics.Body)
		}
		for _, path := range []string{"/-/status", "/-/metrics"} {
			if got := s.As("", "").Request(t, http.MethodGet, path, nil, nil); got.Status != http.StatusUnauthorized || strings.Contains(got.Body, now.Schema) {
				t.Errorf("%s without a login: %d", path, got.Status)
			}
		}
	})
	t.Run("a collector on this machine needs no login, on a port of its own", func(t *testing.T) {
		collected := harness.Client{URL: fmt.Sprintf("http://127.0.0.1:%d", metricsPort)}
		if got := collected.Request(t, http.MethodGet, "/metrics", nil, nil); got.Status != http.StatusOK || !strings.Contains(got.Body, "mlflow_server_ready 1\n") {
			t.Errorf("%d %s", got.Status, got.Body)
		}
		for _, path := range []string{"/-/status", "/", "/api/2.0/mlflow/experiments/search"} {
			if got := collected.Request(t, http.MethodGet, path, nil, nil); got.Status != http.StatusNotFound {
				t.Errorf("%s: %d", path, got.Status)
			}
		}
	})
	t.Run("Heroku gets its language metrics", func(t *testing.T) {
		until(t, "a report", func() bool { return strings.Contains(heroku.last(), `"go.gc.collections"`) })
	})
	t.Run("its capacity and the reason are in one line", func(t *testing.T) {
		if !strings.Contains(s.Log(), `msg=capacity workers=2 threads=`) || !strings.Contains(s.Log(), "WEB_CONCURRENCY asks for 2 workers") {
			t.Error("no such line")
		}
		if share := fmt.Sprintf("worker_mb_at_most=%d ", status(t, s).Memory.WorkerShare>>20); share == "worker_mb_at_most=0 " || !strings.Contains(s.Log(), share) {
			t.Errorf("the status says %s", share)
		}
	})
	t.Run("nobody is connected to the database when nobody asks", func(t *testing.T) {
		status(t, s) // asks the database
		until(t, "no connection", func() bool { return ours() == 0 })
		time.Sleep(8 * time.Second) // more than one pulse of every probe
		if n := ours(); n != 0 {
			t.Errorf("%d connections while nobody asked", n)
		}
		if now := status(t, s); !now.Database.Reachable || now.WorkerRestarts != 0 {
			t.Errorf("after the pause: %+v", now)
		}
	})
	t.Run("a killed worker is replaced", func(t *testing.T) {
		before := status(t, s)
		kill(t, before.Workers[0].PID, syscall.SIGKILL)
		until(t, "another worker", func() bool {
			now := status(t, s)
			return now.WorkerRestarts == 1 && len(now.Workers) == 2 && now.Workers[0].Ready && now.Workers[0].PID != before.Workers[0].PID
		})
	})
	t.Run("a worker that hangs is replaced", func(t *testing.T) {
		before := status(t, s)
		kill(t, before.Workers[1].PID, syscall.SIGSTOP) // it accepts, and never answers
		until(t, "another worker", func() bool { return strings.Contains(s.Log(), `reason="it did not answer"`) })
		until(t, "all ready", func() bool { now := status(t, s); return len(now.Workers) == 2 && now.Workers[1].Ready })
		if now := status(t, s); now.Restarts != 0 {
			t.Errorf("%+v", now)
		}
	})
	t.Run("all of MLflow is started again when the parent of its workers hangs", func(t *testing.T) {
		tree, err := process.Tree(s.Pid())
		if err != nil || len(tree) < 2 {
			t.Fatalf("%d processes: %v", len(tree), err)
		}
		kill(t, tree[1].PID, syscall.SIGSTOP)
		kill(t, status(t, s).Workers[0].PID, syscall.SIGKILL) // nobody forks a successor
		until(t, "a restart", func() bool { return strings.Contains(s.Log(), `cause="the parent of its workers hung"`) })
		until(t, "all ready", func() bool {
			now := status(t, s)
			return now.Restarts == 1 && len(now.Workers) == 2 && now.Workers[0].Ready && now.Workers[1].Ready
		})
	})
}

func TestAWorkerThatGrowsIsReplacedWhileOthersAnswer(t *testing.T) {
	s := harness.Start(t, harness.Options{Env: map[string]string{"WEB_CONCURRENCY": "2", "MLFLOW_WORKER_MEMORY_MB": "64"}})
	var last state
	t.Cleanup(func() {
		if t.Failed() { // what they share with other servers on this machine counts in part only
			t.Logf("the workers now: %+v", last)
		}
	})
	failed, asked := 0, 0
	until(t, "a replaced worker", func() bool {
		for range 10 { // each another statement, which SQLAlchemy keeps: beside other servers a new worker may take less than that share
			asked++
			var conditions []string
			for n := range 2 + asked%30 {
				conditions = append(conditions, fmt.Sprintf("metrics.m%d > 0", n))
			}
			search := fmt.Sprintf(`{"experiment_ids": ["0"], "filter": %q}`, strings.Join(conditions, " and "))
			if s.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/search", strings.NewReader(search), asJSON).Status != http.StatusOK {
				failed++
			}
		}
		last = status(t, s)
		return strings.Contains(s.Log(), `reason="it took more memory than its share"`)
	})
	if failed != 0 || strings.Count(s.Log(), "more memory than its share and is replaced") > 2 {
		t.Errorf("%d requests failed", failed)
	}
}

func asJSON(r *http.Request) { r.Header.Set("Content-Type", "application/json") }

func kill(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
}

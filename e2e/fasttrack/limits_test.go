package fasttrack

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

func TestNativeTrackingKeepsToTheServersLimits(t *testing.T) {
	database := harness.Postgres(t)
	audit := filepath.Join(t.TempDir(), "audit.log")
	s := startWith(t, database, database.Environment(map[string]string{
		"MLFLOW_NATIVE_TRACKING": "true", "MLFLOW_ARTIFACT_URI": t.TempDir(), "WEB_CONCURRENCY": "2", "MLFLOW_DB_IDLE_SECONDS": "2",
		"MLFLOW_TRACKING_USERNAME": "ann,vic", "MLFLOW_TRACKING_PASSWORD": "one,two", "MLFLOW_VIEWERS": "vic", "MLFLOW_AUDIT_LOG": audit,
	}))
	s.User, s.Password = "ann", "one"
	createOn(t, 1, s)
	s.isOn(t)

	t.Run("who may not write does not, and who writes is on record", func(t *testing.T) { s.roles(t, audit) })
	t.Run("a locked database makes callers wait, in bounded memory and on few connections", func(t *testing.T) { s.locked(t) })
	t.Run("connections that nobody uses close", func(t *testing.T) {
		s.eventually(t, func() bool { return s.connections(t, "AND application_name = 'mlflow-server'") == 0 })
	})
}

func (s *side) roles(t *testing.T, audit string) {
	const body = `{"run_id": "{run:0}", "key": "m", "value": 1, "timestamp": 1, "step": 1}`
	write := call{method: "POST", path: "runs/log-metric", body: body}
	for _, tt := range []struct {
		name, user, password string
		status               int
	}{{"an editor", "ann", "one", 200}, {"a viewer", "vic", "two", 403}, {"a stranger", "eve", "x", 401}} {
		as := *s
		as.Instance = &harness.Instance{Client: s.As(tt.user, tt.password)}
		if a := as.send(t, write); a.Status != tt.status {
			t.Errorf("%s: %d %s", tt.name, a.Status, a.Body)
		}
		if a := as.send(t, call{method: "GET", path: "runs/get?run_id={run:0}"}); (a.Status == 200) != (tt.status != 401) {
			t.Errorf("%s reads: %d", tt.name, a.Status)
		}
	}
	if answered, _ := s.counts(t); answered["runs/log-metric"] != 1 || answered["runs/get"] != 2 {
		t.Errorf("natively: %v", answered)
	}
	text, err := os.ReadFile(audit)
	if err != nil || strings.Count(string(text), "runs/log-metric") != 2 || !strings.Contains(string(text), `"ann"`) {
		t.Errorf("%v, the audit log: %s", err, text)
	}
}

const (
	// senders times the size of a body would be 230 MB.
	senders = 250
	// mostMemory is what the launcher may grow by, in kB: 32 MB of bodies as text and as values, with the garbage (measured: 79 MB).
	mostMemory = 120 << 10
	// raced is how many times that the race detector's notes take besides; Go's documentation says 5 to 10 (measured: 3.2).
	raced = 4
)

func (s *side) locked(t *testing.T) {
	body := large()
	lock, err := harness.OpenPostgres(t, s.database).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback() }()
	if _, err := lock.ExecContext(t.Context(), "LOCK TABLE metrics IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	before := s.memory(t)
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			if a, err := s.try(t.Context(), call{method: "POST", path: "runs/log-batch", body: body}); err != nil || a.Status != http.StatusOK {
				t.Errorf("%d %.300s %v", a.Status, a.Body, err)
			}
		})
	}
	s.eventually(t, func() bool {
		page := s.send(t, call{method: "GET", path: "/-/metrics"}).Body
		_, rest, _ := strings.Cut(page, "\nmlflow_server_requests_in_flight ")
		line, _, _ := strings.Cut(rest, "\n")
		n, _ := strconv.Atoi(line)
		return n > senders && s.connections(t, "AND wait_event_type = 'Lock'") > 0
	})
	grown, most := 0, mostMemory
	if harness.RaceDetector {
		most *= raced
	}
	for range 20 {
		if grown = max(grown, s.memory(t)-before); grown > most {
			t.Fatalf("the launcher has grown by %d kB", grown)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if n := s.connections(t, ""); n > 20 {
		t.Errorf("%d connections", n)
	}
	if n := s.connections(t, "AND application_name = 'mlflow-server'"); n > 4 {
		t.Errorf("%d connections of native tracking", n)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	t.Logf("%d kB before, at most %d kB more, %d kB after", before, grown, s.memory(t))
	if answered, handed := s.counts(t); answered["runs/log-batch"] != senders {
		t.Errorf("natively %v, handed on %v", answered, handed)
	}
}

// large is a batch of nearly 1 MB.
func large() string {
	var metrics, params []string
	for n := range 880 {
		metrics = append(metrics, fmt.Sprintf(`{"key": "%0240d", "value": 1, "timestamp": 1, "step": 1}`, n))
	}
	for n := range 100 {
		params = append(params, fmt.Sprintf(`{"key": "p%d", "value": %q}`, n, strings.Repeat("v", 6000)))
	}
	return `{"run_id": "{run:0}", "metrics": [` + strings.Join(metrics, ",") + `], "params": [` + strings.Join(params, ",") + `]}`
}

// memory is what the launcher holds of memory that is its own, in kB.
func (s *side) memory(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Pid()))
	if err != nil {
		harness.Missing(t, "/proc: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), "\nRssAnon:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kB, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	return kB
}

// connections is how many there are to the database that meet a condition, without the one that asks and the one that locks.
func (s *side) connections(t *testing.T, and string) (n int) {
	t.Helper()
	query := "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name <> '' " + and
	if err := harness.OpenPostgres(t, s.database).QueryRowContext(t.Context(), query, s.database.Name).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// eventually waits for at most four minutes.
func (s *side) eventually(t *testing.T, reached func() bool) {
	t.Helper()
	for began := time.Now(); !reached(); time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > 4*time.Minute {
			t.Fatalf("it did not happen:\n%s", harness.Tail(s.Log(), 20))
		}
	}
}

package postgres_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// startRun makes a run, so that something is there to be written to.
const startRun = `
import mlflow
mlflow.set_experiment("tls")
print("run=" + mlflow.start_run().info.run_id)
`

// TestTheDatabasesCertificateIsVerified is about both clients of the database, MLflow's psycopg and the gate's own pgx, with the variables
// of the tasks on AWS. What they do when somebody else answers in the database's place is seen on one server: certificates are shown to
// new connections, and the old ones are cut.
func TestTheDatabasesCertificateIsVerified(t *testing.T) {
	ours := harness.NewAuthority(t)
	database := harness.StartTLSPostgres(t, ours, "localhost")
	database.Host = "localhost"
	server := harness.Start(t, harness.Options{Env: database.Environment(libpqVariables(t, ours.File))})
	printed, err := harness.PythonSource(t, server.Client, startRun)
	run := regexp.MustCompile(`run=(\w+)`).FindStringSubmatch(printed)
	if err != nil || run == nil {
		t.Fatalf("the client started no run (%v):\n%s", err, harness.Tail(printed, 30))
	}
	logMetric := func(step int) harness.Answer {
		body := fmt.Sprintf(`{"run_id": %q, "key": "loss", "value": 0.5, "timestamp": 1, "step": %d}`, run[1], step)
		return server.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/log-metric", strings.NewReader(body), func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json")
		})
	}

	t.Run("with its authority both connect, encrypted", func(t *testing.T) {
		if answer := logMetric(1); answer.Status != http.StatusOK {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
		all, encrypted, native := database.Sessions(t)
		if native == 0 || all == native || encrypted != all {
			t.Errorf("%d connections, %d of them over TLS, %d of pgx: both clients should have some, all over TLS", all, encrypted, native)
		}
	})

	for name, c := range map[string]struct {
		authority  *harness.Authority
		host       string
		pgx, libpq string
	}{
		"another authority": {harness.NewAuthority(t), "localhost", "certificate signed by unknown authority", "certificate verify failed"},
		"another host":      {ours, "database.example", "certificate is valid for database.example, not localhost", `does not match host name "localhost"`},
	} {
		t.Run(name+" is refused by both", func(t *testing.T) {
			before := len(server.Log())
			database.Show(t, c.authority, c.host)
			// pgx pauses for some seconds after a failure, so that one of several calls is its.
			for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(time.Second) {
				if answer := logMetric(2); answer.Status == http.StatusOK {
					t.Fatal("a metric was written although nobody vouches for the database")
				}
				log := server.Log()[before:]
				if strings.Contains(log, c.pgx) && strings.Contains(log, c.libpq) {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("the log has not both %q (of pgx) and %q (of libpq):\n%s", c.pgx, c.libpq, harness.Tail(log, 30))
				}
			}
			if all, _, _ := database.Sessions(t); all > 0 {
				t.Errorf("%d connections are open to somebody else", all)
			}
		})
	}

	t.Run("and when it is itself again, both are back", func(t *testing.T) {
		database.Show(t, ours, "localhost")
		for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(time.Second) {
			answer := logMetric(3)
			all, _, native := database.Sessions(t)
			if answer.Status == http.StatusOK && native > 0 && all > native {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d connections, %d of pgx; %d %s", all, native, answer.Status, answer.Body)
			}
		}
	})
}

// libpqVariables are those that terraform gives the tasks, with another file of authorities.
func libpqVariables(t *testing.T, authorities string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "terraform", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"WEB_CONCURRENCY": "1"}
	for _, line := range regexp.MustCompile(`(?m)^ +(PG[A-Z_]+) += (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		variables[line[1]] = strings.Trim(line[2], `"`)
	}
	if variables["PGSSLROOTCERT"] != "var.db_ca_file" {
		t.Fatalf("terraform/main.tf sets %v", variables)
	}
	variables["PGSSLROOTCERT"] = authorities
	return variables
}

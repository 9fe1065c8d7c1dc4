package lifecyclelosses

import (
	"strings"
	"testing"

	"mlflow-server/bench/lifecycle"
	"mlflow-server/e2e/harness"
)

func TestNothingAcknowledgedIsLost(t *testing.T) {
	for _, tt := range []struct {
		name, native string
		start        func(*testing.T) (env map[string]string, disturb func(int) error)
	}{
		{"on PostgreSQL, answered natively", "on", onPostgres("true")},
		{"on PostgreSQL, answered by MLflow", "off", onPostgres("false")},
		{"on SQLite", "off", func(*testing.T) (map[string]string, func(int) error) { return map[string]string{}, nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // each waits most of the time
			env, disturb := tt.start(t)
			env["WEB_CONCURRENCY"] = "2"
			s := harness.Start(t, harness.Options{Env: env})
			s.WaitLog(`msg="native tracking" is=` + tt.native)
			report, err := lifecycle.Losses(t.Context(), asLoad(s), s.Pid(), harness.Times(10, 100), disturb)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(report)
			if len(report.Lost) > 0 || report.Acknowledged < 50 {
				t.Errorf("%v: %v", report, report.Lost)
			}
			if disturb != nil && tt.native == "on" && !strings.Contains(s.Log(), "the database failed a call") {
				t.Error("no call met a database that had failed")
			}
		})
	}
}

// onPostgres also ends every connection to the database, and lets the database itself crash and start again.
func onPostgres(native string) func(t *testing.T) (map[string]string, func(int) error) {
	return func(t *testing.T) (map[string]string, func(int) error) {
		database, restart := harness.RestartablePostgres(t)
		env := map[string]string{"MLFLOW_BACKEND_URI": database.URL("postgresql"), "MLFLOW_NATIVE_TRACKING": native}
		return env, func(n int) error {
			if n%3 == 2 {
				restart(t)
				return nil
			}
			_, err := harness.OpenPostgres(t, database).ExecContext(t.Context(),
				"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
			return err
		}
	}
}

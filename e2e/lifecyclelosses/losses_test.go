package lifecyclelosses

import (
	"testing"

	"mlflow-server/bench/lifecycle"
	"mlflow-server/e2e/harness"
)

func TestNothingAcknowledgedIsLost(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  func(*testing.T) map[string]string
	}{
		{"on PostgreSQL", func(t *testing.T) map[string]string {
			return map[string]string{"MLFLOW_BACKEND_URI": harness.Postgres(t).URL("postgresql")}
		}},
		{"on SQLite", func(*testing.T) map[string]string { return map[string]string{} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := tt.env(t)
			env["WEB_CONCURRENCY"] = "2"
			s := harness.Start(t, harness.Options{Env: env})
			report, err := lifecycle.Losses(t.Context(), asLoad(s), s.Pid(), harness.Times(10, 100))
			if err != nil {
				t.Fatal(err)
			}
			t.Log(report)
			if len(report.Lost) > 0 || report.Acknowledged < 50 {
				t.Errorf("%v: %v", report, report.Lost)
			}
		})
	}
}

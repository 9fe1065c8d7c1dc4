package lifecycle

import (
	"testing"

	"mlflow-server/e2e/harness"
)

func TestACommandRunsOnTheServersData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := harness.RunToExit(t, harness.Options{Dir: dir, Args: []string{"run", "--", "python3", "-c",
		`import mlflow, os; print(mlflow.get_tracking_uri(), os.environ["MLFLOW_ARTIFACTS_DESTINATION"]); raise SystemExit(7)`}})
	if want := "sqlite:///" + dir + "/mlflow.db " + dir + "/mlruns\n"; r.Code != 7 || r.Stdout != want {
		t.Errorf("exit code %d, %q, want %q\n%s", r.Code, r.Stdout, want, r.Stderr)
	}
	if r := harness.RunToExit(t, harness.Options{Args: []string{"run"}}); r.Code != 2 {
		t.Errorf("without a command: exit code %d", r.Code)
	}
}

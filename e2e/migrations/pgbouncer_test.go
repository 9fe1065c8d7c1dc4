package migrations

import (
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/migrations/upgrade"
)

// Each statement is sent more often than the five times after which drivers prepare it on the server.
const busy = `
import mlflow
from concurrent.futures import ThreadPoolExecutor
mlflow.set_experiment("pooled")
def train(number):
    client = mlflow.MlflowClient()
    run = client.create_run(mlflow.get_experiment_by_name("pooled").experiment_id)
    for step in range(10):
        client.log_metric(run.info.run_id, "loss", 1 / (step + 1), step=step)
        client.log_param(run.info.run_id, f"p{step}", number)
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [m.step for m in history] == list(range(10)), history
    return run.info.run_id
with ThreadPoolExecutor(4) as pool:
    runs = list(pool.map(train, range(8)))
found = mlflow.search_runs(experiment_names=["pooled"])
assert sorted(found["run_id"]) == sorted(runs), found
print("done")
`

func TestBehindPgBouncerInTransactionModeEverythingWorks(t *testing.T) {
	direct := upgrade.OldPostgres(t)
	before := upgrade.Contents(t, direct.URL("postgresql+psycopg"), nil)
	pooled := harness.PgBouncer(t, direct).URL("postgresql+psycopg")
	upgrade.Together(t, 4, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": pooled}})
	upgrade.Same(t, before, upgrade.Contents(t, direct.URL("postgresql+psycopg"), before))

	s := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_BACKEND_URI": pooled, "WEB_CONCURRENCY": "2"}})
	if printed, err := harness.PythonSource(t, s.Client, busy); err != nil {
		t.Errorf("%v\n%s", err, printed)
	}
}

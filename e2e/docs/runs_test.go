package docs

import (
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// log logs a run with a file.
func log(t *testing.T, server *harness.Instance, name string) {
	t.Helper()
	client(t, server, `
import sys, mlflow
with mlflow.start_run(run_name=sys.argv[1]):
    mlflow.log_metric("m", 1)
    mlflow.log_text(sys.argv[1], "name.txt")
`, name)
}

// holds checks that a server has just these runs, each with its file.
func holds(t *testing.T, server *harness.Instance, names ...string) {
	t.Helper()
	client(t, server, `
import sys, mlflow
found = {r.info.run_name: r for r in mlflow.search_runs(search_all_experiments=True, output_format="list")}
assert sorted(found) == sorted(sys.argv[1:]), found
for name, run in found.items():
    assert run.data.metrics == {"m": 1}, run
    assert mlflow.artifacts.load_text(run.info.artifact_uri + "/name.txt") == name
`, names...)
}

func client(t *testing.T, server *harness.Instance, program string, args ...string) {
	t.Helper()
	if printed, err := harness.PythonSource(t, server.Client, program, args...); err != nil {
		t.Errorf("%v\n%s\n%s", err, printed, harness.Tail(server.Log(), 20))
	}
}

// firstRun pastes the first run of a page for a server that stands where the page has another.
func firstRun(t *testing.T, page, address string, server *harness.Instance) {
	t.Helper()
	text := paste(t, page, "MLFLOW_TRACKING_URI="+address)
	text = strings.Replace(text, address, server.URL, 1)
	open(t, t.TempDir(), nil).run(t, text)
	saidHello(t, server)
}

// saidHello checks that the first run of the pages has come.
func saidHello(t *testing.T, server *harness.Instance) {
	t.Helper()
	client(t, server, `
import mlflow
found = mlflow.search_runs(search_all_experiments=True, output_format="list")
assert [r.data.metrics for r in found if "hello" in r.data.metrics] == [{"hello": 1}], found
`)
}

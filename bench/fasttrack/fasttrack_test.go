package fasttrack

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mlflow-server/bench/peer"
	"mlflow-server/bench/result"
	"mlflow-server/e2e/harness"
)

func TestASmallRunHasEveryFigure(t *testing.T) {
	runtime := harness.Runtime(t)
	harness.Require(t, "pgbench", "/usr/lib/postgresql/15/bin/pgbench", "/usr/lib/postgresql/16/bin/pgbench", "/usr/lib/postgresql/17/bin/pgbench")
	// The runtime's own MLflow has everything that a server needs but the job runners.
	mlflow := peer.MLflow{Dir: runtime.Dir, Version: runtime.MLflowVersion}
	small := Smoke
	small.peerEnviron = []string{"MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false"}
	r := result.Result{Title: "Small"}
	err := measure(t.Context(), small, &r, runtime, &mlflow, func(line string) { t.Log(line) }, func(b *bench, ctx context.Context) error {
		return errors.Join(b.everything(ctx), b.sweepAlone(ctx))
	})
	if err != nil {
		t.Fatal(err)
	}
	text := r.Markdown()
	for _, want := range []string{
		"| `runs/log-metric`, 2 |", "`runs/log-batch` of 1,000, 2 |", "metrics/s)", "`runs/get`, 2 |", "pgbench", "Python clients", "memory of the launcher",
		"more rows in the table of metrics", "native off", "4 workers",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "had no 200") || strings.Contains(text, "no answer") {
		t.Error(text)
	}
	t.Log(text)
}

func TestAScriptHasAValueForEachParameter(t *testing.T) {
	for _, a := range scripts(&client{runs: []string{"a", "b"}, read: []string{"c"}}) {
		name, text := a.name, a.script
		if strings.Contains(text, "$") || !strings.Contains(text, "\\startpipeline") || !strings.Contains(text, ":r") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

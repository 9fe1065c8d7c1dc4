package tracking_test

import (
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

func TestAnotherMLflowIsRunByItsPublicCommandLine(t *testing.T) {
	o := options(t)
	o.Runtime.Locked = false
	r := run(t, o)
	pids := r.untilReady(t, 1)
	if body := r.mustSearch(t); !strings.Contains(body, "mlflow-artifacts:/0") {
		t.Errorf("experiments: %s", body)
	}
	if code, body := r.ask(t, http.MethodPut, "/api/2.0/mlflow-artifacts/artifacts/a/b.txt", "hello"); code != http.StatusOK {
		t.Errorf("upload: %d %s", code, body)
	}
	if code, body := r.ask(t, http.MethodGet, "/api/2.0/mlflow-artifacts/artifacts/a/b.txt", ""); code != http.StatusOK || body != "hello" {
		t.Errorf("download: %d %s", code, body)
	}
	processes := group(t, pids[0])
	for pid, command := range processes {
		if strings.Contains(command, "mlflow.db") {
			t.Errorf("process %d has the database in its arguments: %s", pid, command)
		}
	}
	r.stop()
	if err := r.result(t); err != nil {
		t.Error(err)
	}
	gone(t, processes)
}

// Between the look for a free port and MLflow's listening on it lie seconds.
func TestAPortThatIsTakenMeanwhileIsReplacedByAnother(t *testing.T) {
	out := withParts(t, `
import os, signal, socket, sys, time, urllib.request
os.setpgrp()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.environ.update({"_MLFLOW_SERVER_ARTIFACT_DESTINATION": "artifacts", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"})
from mlflow_serve import lifeline, public_cli

taken = socket.socket()
taken.bind(("127.0.0.1", 0))
taken.listen()
find, found = public_cli._free_port, []
public_cli._free_port = lambda: found.append(find() if found else taken.getsockname()[1]) or found[-1]

class Report:
    def phase(self, name): pass
    def worker(self, index, pid, network, address): pass

class Line:  # ends when MLflow answers
    def wait(self, seconds):
        time.sleep(seconds)
        if found[-1] == taken.getsockname()[1]: return
        try: urllib.request.urlopen(f"http://127.0.0.1:{found[-1]}/health", timeout=5)
        except OSError: return
        raise lifeline.Stopped

settings = type("Settings", (), {"backend_uri": "sqlite:///m.db", "workers": 1, "stop_timeout": 20, "launcher_pid": os.getppid()})
try:
    public_cli.serve(settings, Report(), Line())
except lifeline.Stopped:
    print("answered at the port number", len(found))
`)
	if got := out; got != "answered at the port number 2" {
		t.Error(out)
	}
}

// MLflow answers 40 calls at a time, some of which take a second connection while they hold one, and gives up after 30 s.
func TestManyBatchesDoNotWaitForEachOthersConnectionsInThePublicCommandLine(t *testing.T) {
	o := options(t)
	o.Runtime.Locked = false
	o.BackendURI = harness.Postgres(t).URL("postgresql+psycopg")
	o.Workers, o.Connections = 2, 5
	r := run(t, o)
	r.untilReady(t, 1)
	code, body := r.ask(t, http.MethodPost, "/api/2.0/mlflow/runs/create", `{"experiment_id": "0"}`)
	id := regexp.MustCompile(`"run_id": *"(\w+)"`).FindStringSubmatch(body)
	if id == nil {
		t.Fatalf("%d %s", code, body)
	}
	began := time.Now()
	var all sync.WaitGroup
	for n := range 40 {
		all.Go(func() {
			var metrics []string
			for m := range 100 {
				metrics = append(metrics, fmt.Sprintf(`{"key": "m%d", "value": 1, "timestamp": 1, "step": %d}`, m, n))
			}
			batch := fmt.Sprintf(`{"run_id": %q, "metrics": [%s]}`, id[1], strings.Join(metrics, ","))
			if code, body := r.ask(t, http.MethodPost, "/api/2.0/mlflow/runs/log-batch", batch); code != http.StatusOK {
				t.Errorf("%d %.200s", code, body)
			}
		})
	}
	all.Wait()
	t.Logf("40 batches took %v", time.Since(began).Round(time.Millisecond))
}

// Job runners start their programs in sessions of their own, and the launcher that would kill these may be dead.
func TestWhatHasLeftTheGroupIsFoundAndKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc to find it in")
	}
	out := withParts(t, `
import os, subprocess, sys
from mlflow_serve import leftovers
os.environ[leftovers.FAMILY] = "/tmp/this one"
def sleeper(**environ):
    return subprocess.Popen(["sleep", "600"], start_new_session=True, env=dict(os.environ, **environ))
ours, another = sleeper(), sleeper(_MLFLOW_FAMILY="/tmp/this one too")
# The child of this one, which is the one that looks, has the mark from its start on.
subprocess.run([sys.executable, "-c", "from mlflow_serve import leftovers; leftovers.kill()"], check=True,
    env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)))
print(ours.wait(60), another.poll())
another.kill()
another.wait()
`)
	if out != "-9 None" {
		t.Error(out)
	}
}

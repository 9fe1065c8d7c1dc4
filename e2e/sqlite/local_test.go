package sqlite_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// unset makes the harness leave a variable to its default.
var unset = map[string]string{"MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": ""}

func startLocal(t *testing.T, dir string) *harness.Instance {
	t.Helper()
	server := launchLocal(t, dir)
	server.WaitHealthy()
	return server
}

func launchLocal(t *testing.T, dir string) *harness.Instance {
	t.Helper()
	server := harness.Launch(t, harness.Options{Args: []string{"local"}, Dir: dir, Env: unset})
	server.Client = server.As("mlflow", "mlflow")
	return server
}

const logRun = `
import mlflow
mlflow.set_experiment("kept — größe")
with mlflow.start_run(run_name="first"):
    mlflow.log_metric("score", 0.5)
    mlflow.log_text("still here", "notes/text.txt")
`

const readRun = `
import mlflow
found = mlflow.search_runs(experiment_names=["kept — größe"], output_format="list")
assert [r.info.run_name for r in found] == ["first"], found
assert found[0].data.metrics == {"score": 0.5}
assert mlflow.artifacts.load_text(found[0].info.artifact_uri + "/notes/text.txt") == "still here"
`

func TestLocalKeepsItsDataAndPrintsHowToUseIt(t *testing.T) {
	dir := t.TempDir()
	server := startLocal(t, dir)

	server.WaitLog("Ctrl-C stops it")
	printed := server.Stdout()
	for _, text := range []string{"127.0.0.1:" + strconv.Itoa(server.Port), "mlflow", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "mlflow.start_run()", filepath.Join(dir, "mlflow-data")} {
		if !strings.Contains(printed, text) {
			t.Errorf("%q is not in what local prints:\n%s", text, printed)
		}
	}

	t.Run("the printed snippet runs as it is", func(t *testing.T) {
		source := snippet(printed)
		if out, err := harness.PythonSource(t, harness.Client{}, source); err != nil {
			t.Fatalf("%v\n%s\n--- the snippet:\n%s", err, out, source)
		}
		answer := server.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/search", strings.NewReader(`{"experiment_ids": ["0"]}`), func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json")
		})
		if !strings.Contains(answer.Body, "\"hello\"") {
			t.Errorf("the snippet has logged no run: %s", answer.Body)
		}
	})

	if out, err := harness.PythonSource(t, server.Client, logRun); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := entries(t, dir); !slices.Equal(got, []string{"mlflow-data"}) {
		t.Errorf("local has made %v, wanted mlflow-data alone", got)
	}
	server.StopBy(os.Interrupt)

	t.Run("a second start finds all data", func(t *testing.T) {
		again := startLocal(t, dir)
		if out, err := harness.PythonSource(t, again.Client, readRun); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		again.StopBy(os.Interrupt)
	})
	if _, err := os.Stat(filepath.Join(dir, "mlflow-data", "mlruns")); err != nil {
		t.Error(err)
	}
}

// snippet is the Python part of what local prints: the block from the first import to the first empty line after the last mlflow call,
// without its indentation.
func snippet(printed string) string {
	var block []string
	indent := ""
	for line := range strings.Lines(printed) {
		line = strings.TrimRight(line, "\n")
		trimmed := strings.TrimLeft(line, " ")
		if len(block) == 0 {
			if !strings.HasPrefix(trimmed, "import ") {
				continue
			}
			indent = line[:len(line)-len(trimmed)]
		}
		if line != "" && !strings.HasPrefix(line, indent) {
			break
		}
		block = append(block, strings.TrimPrefix(line, indent))
	}
	return strings.Join(block, "\n")
}

func TestLocalTellsWhoseFaultItIsThatItCannotListen(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	result := harness.RunToExit(t, harness.Options{Args: []string{"local"}, Env: map[string]string{"PORT": port}})
	if result.Code == 0 {
		t.Error("the exit code is 0")
	}
	for _, text := range []string{port, "taken by another program", "set PORT"} {
		if !strings.Contains(result.Stderr, text) {
			t.Errorf("%q is not in the message:\n%s", text, result.Stderr)
		}
	}
}

func TestTwoLocalsInTwoDirectoriesDoNotMeet(t *testing.T) {
	one, two := launchLocal(t, t.TempDir()), launchLocal(t, t.TempDir())
	one.WaitHealthy()
	two.WaitHealthy()
	create(t, one, "of the first")
	if status := exists(t, one, "of the first"); status != http.StatusOK {
		t.Errorf("the first server has lost its experiment: %d", status)
	}
	if status := exists(t, two, "of the first"); status != http.StatusNotFound {
		t.Errorf("the second server answers %d for the first one's experiment", status)
	}

	t.Run("local listens on this machine only", func(t *testing.T) {
		addresses, err := net.InterfaceAddrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range addresses {
			network, ok := address.(*net.IPNet)
			if !ok || network.IP.IsLoopback() || network.IP.IsLinkLocalUnicast() {
				continue
			}
			connection, err := net.DialTimeout("tcp", net.JoinHostPort(network.IP.String(), strconv.Itoa(one.Port)), time.Second)
			if err == nil {
				connection.Close()
				t.Errorf("%s answers", network.IP)
			}
		}
	})
	t.Run("local answers to this machine's names only", func(t *testing.T) {
		for host, wanted := range map[string]bool{
			"localhost": true, "127.0.0.1": true, "[::1]": true, "LOCALHOST": true,
			"evil.example": false, "127.0.0.1.evil.example": false, "localhost.evil.example": false,
		} {
			for _, host := range []string{host, fmt.Sprintf("%s:%d", host, one.Port)} {
				answer := one.Request(t, http.MethodGet, "/version", nil, func(r *http.Request) { r.Host = host })
				if (answer.Status == http.StatusOK) != wanted {
					t.Errorf("Host %s: %d", host, answer.Status)
				}
			}
		}
	})
	t.Run("children follow a launcher that is killed", func(*testing.T) { two.Kill() })
}

package deploy_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/harness/versitygw"
)

// TestTheDatabasesHealthCheckTellsUpFromDown runs it as it stands, but for the port, beside a real PostgreSQL.
func TestTheDatabasesHealthCheckTellsUpFromDown(t *testing.T) {
	check := project(t, "").Services["database"].HealthCheck.Test
	if len(check) < 2 || check[0] != "CMD" || check[1] != "pg_isready" {
		t.Fatalf("the check is %q", check)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_isready")
	program := harness.Require(t, append([]string{"pg_isready"}, found...)...)
	run := func(port int) error {
		command := exec.CommandContext(t.Context(), program, check[2:]...)
		command.Env = []string{"PGPORT=" + strconv.Itoa(port)}
		return command.Run()
	}
	if err := run(harness.Postgres(t).Port); err != nil {
		t.Errorf("beside a server: %v", err)
	}
	var exit *exec.ExitError
	if err := run(harness.FreePort(t)); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("without one: %v", err)
	}
}

// TestTheStoreKeepsTheServersFiles starts the store by its own command, but for its directory and its address, and a server
// with what compose gives it for the store. A run of the client with a file must go through.
func TestTheStoreKeepsTheServersFiles(t *testing.T) {
	p := project(t, "", "COMPOSE_PROFILES=s3")
	data, address := t.TempDir(), fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t))
	command := storeCommand(t, p.Services["store"], data, address)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var log strings.Builder
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			connection.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}

	lookup := variables(p.Services["server"])
	env := map[string]string{}
	for _, name := range []string{"MLFLOW_ARTIFACT_URI", "MLFLOW_S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"} {
		env[name], _ = lookup(name)
	}
	env["MLFLOW_S3_ENDPOINT_URL"] = strings.Replace(env["MLFLOW_S3_ENDPOINT_URL"], "store:7070", address, 1)
	server := harness.Start(t, harness.Options{Env: env})
	printed, err := harness.PythonSource(t, server.Client, `
import mlflow
with mlflow.start_run() as run:
    mlflow.log_text("kept", "x.txt")
assert mlflow.artifacts.load_text(run.info.artifact_uri + "/x.txt") == "kept"
`)
	if err != nil {
		t.Errorf("%v\n%s\n%s", err, printed, server.Log())
	}
	if files, _ := filepath.Glob(filepath.Join(data, "mlflow", "artifacts", "*", "*", "artifacts", "x.txt")); len(files) != 1 {
		t.Errorf("the store has %q", files)
	}
}

// TestTheStoreDoesNotStartBehindTheServersBack: "--profile s3" alone starts it, and tells the server nothing.
func TestTheStoreDoesNotStartBehindTheServersBack(t *testing.T) {
	store := project(t, "").AllServices()["store"]
	out, err := storeCommand(t, store, t.TempDir(), fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t))).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "secret key must be provided") {
		t.Errorf("%v\n%s", err, out)
	}
}

// storeCommand is the store's own command, but for its directory and its address.
func storeCommand(t *testing.T, store types.ServiceConfig, data, address string) *exec.Cmd {
	t.Helper()
	program, err := versitygw.Program()
	if errors.Is(err, versitygw.ErrNoGo) {
		harness.Missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), store.Entrypoint[0], store.Entrypoint[1:]...)
	last := len(command.Args) - 1
	command.Args[last] = strings.NewReplacer("/data", data, ":7070", address).Replace(command.Args[last])
	command.Env = []string{"PATH=" + filepath.Dir(program) + ":" + os.Getenv("PATH")}
	for name, value := range store.Environment {
		command.Env = append(command.Env, name+"="+*value)
	}
	return command
}

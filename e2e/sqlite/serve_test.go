package sqlite_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mlflow-server/e2e/harness"
)

const (
	user     = "of the file"
	password = "$of #the file"
)

// TestServe is the life of one server from its start to its stop, since every start takes seconds. Its settings come from .env, but the
// port does not: the environment wins.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	text := "MLFLOW_TRACKING_USERNAME='" + user + "'\nMLFLOW_TRACKING_PASSWORD='" + password + "'\nMLFLOW_DATA_DIR='./data here'\n" +
		"MLFLOW_ARTIFACT_URI='./artifacts here'\nPORT='1'\n"
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	start := holdStart(t, filepath.Join(dir, "data here"))
	server := harness.Launch(t, harness.Options{Dir: dir, Env: map[string]string{
		"MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": "", // left to the file
	}})
	server.Client = server.As(user, password)

	server.WaitListening()
	t.Run("it answers at once and says that it is not ready", func(t *testing.T) { answersWhileItStarts(t, server) })
	start()
	server.WaitHealthy()
	harness.Exercise(t, server.Client)
	t.Run("nothing but the database and the artifacts is stored", func(t *testing.T) { storesOnlyWhatItShould(t, server) })
	t.Run("no secret is in a process list or in the log", func(t *testing.T) { showsNoSecret(t, server) })
	t.Run("MLflow is started again when it dies", func(t *testing.T) { survivesItsChildren(t, server) })
	t.Run("an upload in flight is finished before the end", func(t *testing.T) { finishesAnUpload(t, server) })
}

// holdStart keeps a server from becoming ready, as another process does that changes the schema, until the test calls what it
// returns: a busy machine may ask late.
func holdStart(t *testing.T, data string) (start func()) {
	t.Helper()
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(data, "mlflow.db.lock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { _ = file.Close() }
}

func answersWhileItStarts(t *testing.T, server *harness.Instance) {
	browser := server.Request(t, http.MethodGet, "/", nil, func(r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Set("Accept", "text/html,application/xhtml+xml")
	})
	if browser.Status != http.StatusServiceUnavailable || browser.Header.Get("Retry-After") == "" ||
		!strings.Contains(browser.Header.Get("Content-Type"), "text/html") || !strings.Contains(browser.Body, "<html") {
		t.Errorf("a browser got %d %v\n%s", browser.Status, browser.Header, browser.Body)
	}
	client := server.Request(t, http.MethodPost, "/api/2.0/mlflow/experiments/search", strings.NewReader("{}"), nil)
	if client.Status != http.StatusServiceUnavailable || client.Header.Get("Retry-After") == "" ||
		!strings.Contains(client.Header.Get("Content-Type"), "json") || !strings.Contains(client.Body, "error_code") {
		t.Errorf("a client got %d %v\n%s", client.Status, client.Header, client.Body)
	}
	if health := server.Request(t, http.MethodGet, "/health", nil, nil); health.Status != http.StatusServiceUnavailable {
		t.Errorf("/health is %d while MLflow starts", health.Status)
	}
	for _, answer := range []harness.Answer{browser, client} {
		if strings.Contains(answer.Body, server.Dir) || strings.Contains(answer.Body, "sqlite") {
			t.Errorf("the waiting answer tells an outsider about the inside: %s", answer.Body)
		}
	}
}

func storesOnlyWhatItShould(t *testing.T, server *harness.Instance) {
	for _, name := range entries(t, server.Dir) {
		if name != ".env" && name != "data here" && name != "artifacts here" {
			t.Errorf("%s lies in the working directory", name)
		}
	}
	for _, name := range entries(t, filepath.Join(server.Dir, "data here")) {
		if !strings.HasPrefix(name, "mlflow.db") {
			t.Errorf("%s lies in the data directory", name)
		}
	}
}

func showsNoSecret(t *testing.T, server *harness.Instance) {
	for command := range server.CommandLines() {
		if strings.Contains(command, password) {
			t.Errorf("the password is in the command line %q", command)
		}
	}
	if strings.Contains(server.Log(), password) {
		t.Error("the password is in the log")
	}
}

func TestServeCanBeStoppedWhileMLflowStarts(t *testing.T) {
	server := harness.Launch(t, harness.Options{})
	server.WaitListening()
	server.Stop()
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return names
}

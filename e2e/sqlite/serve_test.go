package sqlite_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

func TestServeWorksForTheRealClient(t *testing.T) {
	server := harness.Start(t, harness.Options{})
	harness.Exercise(t, server.Client)

	t.Run("nothing but the database and the artifacts is stored", func(t *testing.T) {
		for _, name := range entries(t, server.Dir) {
			if !strings.HasPrefix(name, "mlflow.db") && name != "mlruns" {
				t.Errorf("%s lies in the data directory", name)
			}
		}
	})
	t.Run("no secret is in a process list or in the log", func(t *testing.T) {
		for command := range server.CommandLines() {
			if strings.Contains(command, harness.DefaultPassword) {
				t.Errorf("the password is in the command line %q", command)
			}
		}
		if strings.Contains(server.Log(), harness.DefaultPassword) {
			t.Error("the password is in the log")
		}
	})
	t.Run("an upload in flight is finished before the end", func(t *testing.T) { stopDuringUpload(t, server) })
}

// TestServeAnswersAtOnceAndSaysThatItIsNotReady takes its settings from .env: the environment wins, which is why it listens at all.
func TestServeAnswersAtOnceAndSaysThatItIsNotReady(t *testing.T) {
	dir := t.TempDir()
	text := "MLFLOW_TRACKING_USERNAME='of the file'\nMLFLOW_TRACKING_PASSWORD='$of #the file'\nMLFLOW_DATA_DIR='./kept here'\nPORT='1'\n"
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	server := harness.Launch(t, harness.Options{Dir: dir, Env: map[string]string{
		"MLFLOW_TRACKING_USERNAME": "", "MLFLOW_TRACKING_PASSWORD": "", // left to the file, unlike PORT
	}})
	server.Client = server.As("of the file", "$of #the file")
	started := time.Now()
	server.WaitListening()
	t.Logf("the port was bound %v after the start", time.Since(started))

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
	server.WaitHealthy()
	create(t, server, "first")
	if got := entries(t, filepath.Join(dir, "kept here")); len(got) == 0 {
		t.Error("the data directory named in .env is empty")
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

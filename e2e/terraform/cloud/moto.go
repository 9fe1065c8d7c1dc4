package cloud

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

//go:embed moto_server.py
var motoServer []byte

// Moto is a running fake of AWS.
type Moto struct {
	// URL is the endpoint of every service.
	URL string

	python string
	home   string
}

// StartMoto runs moto until the test ends. Where it is not installed the test is skipped, or fails where CI is "true".
func StartMoto(t testing.TB) *Moto {
	t.Helper()
	python := motoPython(t)
	home := t.TempDir()
	program := filepath.Join(home, "moto_server.py")
	if err := os.WriteFile(program, motoServer, 0o600); err != nil {
		t.Fatal(err)
	}
	port := harness.FreePort(t)
	m := &Moto{URL: fmt.Sprintf("http://127.0.0.1:%d", port), python: python, home: home}
	command := exec.Command(python, program, fmt.Sprint(port))
	// Without the variable, moto's services never have a running task, and terraform waits for one.
	command.Env = append(m.environment(), "MOTO_ECS_SERVICE_RUNNING=1")
	command.SysProcAttr = withTest()
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatalf("starting moto: %v", err)
	}
	done := make(chan struct{})
	go func() { _ = command.Wait(); close(done) }()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-done
		if t.Failed() {
			t.Logf("the end of moto's log:\n%s", harness.Tail(log.String(), 25))
		}
	})
	for deadline := time.Now().Add(4 * time.Minute); ; {
		if answer, err := http.Get(m.URL + "/moto-api/data.json"); err == nil {
			_ = answer.Body.Close()
			return m
		}
		select {
		case <-done:
			t.Fatalf("moto has ended:\n%s", log.String())
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("moto does not answer after four minutes")
		}
	}
}

// motoPython is the first Python that has moto's server.
func motoPython(t testing.TB) string {
	t.Helper()
	for _, name := range []string{os.Getenv("MOTO_PYTHON"), "python3", "python"} {
		if name == "" {
			continue
		}
		if exec.Command(name, "-c", "import moto.server, boto3").Run() == nil {
			return name
		}
	}
	const message = "no Python with moto's server is installed (pip install 'moto[server,all]'; MOTO_PYTHON names the Python)"
	if os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

// Enforce has moto check IAM policies from now on, or again answer everything.
func (m *Moto) Enforce(t testing.TB, on bool) {
	t.Helper()
	count := "inf"
	if on {
		count = "0"
	}
	answer, err := http.Post(m.URL+"/moto-api/reset-auth", "text/plain", strings.NewReader(count))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("moto does not change how it checks policies: %d %s", answer.StatusCode, text)
	}
}

// Python runs a program with boto3 as whoever the variables name, by default as one who may do anything, and returns what it printed.
func (m *Moto) Python(t testing.TB, program string, variables map[string]string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, m.python, append([]string{"-c", program}, args...)...)
	command.Env = m.environment()
	for name, value := range variables {
		command.Env = append(command.Env, name+"="+value)
	}
	out, err := command.CombinedOutput()
	return string(out), err
}

// environment is what every program that talks to moto gets: nothing of the developer's own accounts.
func (m *Moto) environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + m.home, "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1",
		"AWS_ENDPOINT_URL=" + m.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
		"NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost",
	}
}

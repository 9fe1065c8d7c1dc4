package uri_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"mlflow-server/e2e/harness"
)

// python gives one Python process a list and returns its answers, one to each. URIs go through standard input, since
// they hold passwords.
func python[Answer, Question any](t *testing.T, program string, questions []Question) []Answer {
	t.Helper()
	runtime := harness.Runtime(t)
	input, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), runtime.Python, "-c", program)
	command.Dir = t.TempDir()
	command.Env = append([]string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "MLFLOW_DISABLE_TELEMETRY=true", "PYTHONUTF8=1"}, runtime.Environ()...)
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(input), &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("the Python program failed: %v\n%s", err, stderr.Bytes())
	}
	var answers []Answer
	if err := json.Unmarshal(stdout.Bytes(), &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers
}

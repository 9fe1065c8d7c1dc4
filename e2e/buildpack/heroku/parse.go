package heroku

import (
	"os/exec"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// YAML parses a text with a real parser, the runtime's, and returns it as JSON with sorted keys.
func YAML(t testing.TB, text string) string {
	t.Helper()
	r := harness.Runtime(t)
	cmd := exec.CommandContext(t.Context(), r.Python, "-c", "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin), sort_keys=True))")
	cmd.Env, cmd.Stdin = r.Environ(), strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("this is no YAML: %v\n%s\n%s", err, out, text)
	}
	return strings.TrimSpace(string(out))
}

// KeyValues parses "key: value" lines and fails on any other.
func KeyValues(t testing.TB, text string) map[string]string {
	t.Helper()
	values := map[string]string{}
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimRight(line, "\n"), ": ")
		if !ok || strings.ContainsAny(key, " \t") || value == "" {
			t.Errorf("%q is not \"key: value\"", line)
		}
		values[key] = value
	}
	return values
}

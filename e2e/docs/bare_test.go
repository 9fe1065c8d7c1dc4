package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/config"
)

var unitPattern = regexp.MustCompile("(?ms)^```ini\\n(.*?)^```")

func bare(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/bare.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSystemdAcceptsTheUnit has systemd's own program check it. That looks for the program of ExecStart too, which any program may
// be.
func TestSystemdAcceptsTheUnit(t *testing.T) {
	t.Parallel()
	analyze := harness.Require(t, "systemd-analyze")
	unit := unitPattern.FindStringSubmatch(bare(t))[1]
	const program = "/usr/local/bin/mlflow-server"
	if !strings.Contains(unit, "ExecStart="+program+" serve\n") {
		t.Fatalf("the unit does not start it:\n%s", unit)
	}
	file := filepath.Join(t.TempDir(), "mlflow-server.service")
	if err := os.WriteFile(file, []byte(strings.Replace(unit, program, harness.Require(t, "true"), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", file).CombinedOutput()
	if err != nil || strings.Contains(string(out), "mlflow-server.service:") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestTheServerTakesTheVariablesOfTheUnit: they are single-quoted, one a line, which systemd, shells and .env read alike. What the
// page leaves open is filled in, and the directories are the test's.
func TestTheServerTakesTheVariablesOfTheUnit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := paste(t, "bare.md", "PORT=")
	text = strings.NewReplacer("'…,…'", "'one,two'", "SECRET='…'", "SECRET='"+strings.Repeat("s", 32)+"'", ":…@", ":secret@", "/var/lib/mlflow-server", dir).Replace(text)
	if strings.Contains(text, "…") {
		t.Fatalf("something is left open:\n%s", text)
	}
	variables := map[string]string{}
	for _, line := range lines(text) {
		match := regexp.MustCompile(`^([A-Z0-9_]+)='([^'\\$]*)'$`).FindStringSubmatch(line)
		if match == nil {
			t.Fatalf("%q is read in more than one way", line)
		}
		variables[match[1]] = match[2]
	}
	c, err := config.Load(config.Serve, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr() != "127.0.0.1:5000" || c.TrustedProxies.Hops != 1 || !c.ForceHTTPS || len(c.Users) != 2 || c.Backend.Dialect != config.PostgreSQL || c.Artifacts.Path != dir+"/artifacts" {
		t.Errorf("%+v", c)
	}
}

package container

import (
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/buildpack/heroku"
	"mlflow-server/e2e/harness"
)

var login = map[string]string{"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": secret, "MLFLOW_HOST": "127.0.0.1"}

func serves(t *testing.T, im *image) {
	c := im.start(t, im.user, login, im.command...)
	c.waitHealthy(t, im.health)
	printed, err := harness.PythonSource(t, c.Client, `
import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("m", 42)
    mlflow.log_text("hello", "greeting.txt")
assert mlflow.get_run(run.info.run_id).data.metrics == {"m": 42}
assert mlflow.artifacts.load_text(run.info.artifact_uri + "/greeting.txt") == "hello"
print("logged")`)
	if err != nil || !strings.Contains(printed, "logged") {
		t.Errorf("the client: %v\n%s\n%s", err, printed, c.log)
	}
	if out, err := c.exec(t, "readlink", "/proc/1/exe"); err != nil || strings.TrimSpace(out) != "/app/bin/mlflow-server" {
		t.Errorf("PID 1 is %s (%v)", out, err)
	}
	uid, _, _ := strings.Cut(im.user, ":")
	if out, err := c.exec(t, "sh", "-c", `grep -h "^Uid:" $(ls -d /proc/[0-9]*/status | grep -v "/$$/") | cut -f 2-5 | sort -u`); err != nil ||
		!strings.Contains(out, strings.Repeat(uid+"\t", 3)+uid) {
		t.Errorf("it runs as %s (%v)", out, err)
	}
	for _, file := range []string{"/app/x", "/x", "/app/.mlflow/x", "/app/bin/x"} {
		if out, err := c.exec(t, "touch", file); err == nil || !strings.Contains(out, "Read-only file system") {
			t.Errorf("even root could write %s: %s", file, out)
		}
	}
	for command, want := range map[string]string{"version": heroku.Commit[:12], "run -- mlflow --version": "version"} {
		out, err := c.exec(t, append([]string{"mlflow-server"}, strings.Fields(command)...)...)
		if err != nil || !strings.Contains(out, want) || strings.Contains(out, secret) {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
	reapsWhatOthersLeave(t, c)
	c.stop(t)
	if strings.Contains(c.log.String(), secret) {
		t.Errorf("the password is in the log:\n%s", c.log)
	}
}

// reapsWhatOthersLeave: PID 1 inherits every process whose parent has ended, and nobody else can bury it.
func reapsWhatOthersLeave(t *testing.T, c *container) {
	t.Helper()
	if out, err := c.exec(t, "sh", "-c", "for i in 1 2 3 4 5; do (sleep 0.2 &); done"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const dead = `grep -lE "^State:[[:space:]]+Z" /proc/[0-9]*/status 2>/dev/null; for p in /proc/[0-9]*/cmdline; do tr '\0' ' ' <$p; done 2>/dev/null | grep -o "sleep 0[.]2"; true`
	var out string
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if out, _ = c.exec(t, "sh", "-c", dead); strings.TrimSpace(out) == "" {
			return
		}
	}
	t.Errorf("PID 1 leaves zombies:\n%s", out)
}

package process

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestAMemoryGroupKillsWhatTakesTooMuchAndCountsIt(t *testing.T) {
	g, err := NewMemoryGroup(32 << 20)
	if errors.Is(err, ErrNoMemoryGroup) {
		harness.Missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	// It waits for its place in the group before it takes 256 MB.
	greedy := exec.CommandContext(t.Context(), harness.Require(t, "python3"), "-c", "input(); x = b'x' * (256 << 20); print(len(x))")
	in, err := greedy.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := greedy.Start(); err != nil {
		t.Fatal(err)
	}
	if err := g.Add(greedy.Process.Pid); err != nil {
		t.Error(err)
	}
	_, _ = in.Write([]byte("\n"))
	if err := greedy.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("it ended with %v", err)
	}
	if kills, most, err := g.Read(); kills != 1 || most > 32<<20 || most == 0 || err != nil {
		t.Errorf("%d kills, at most %d bytes, %v", kills, most, err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(g.dir); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

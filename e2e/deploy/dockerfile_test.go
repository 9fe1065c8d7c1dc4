package deploy_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestTheFirstLayerHasWhatTheBuildpackIsMadeOf compares what the Dockerfile copies before its first build with what Go
// needs for cmd/buildpack.
func TestTheFirstLayerHasWhatTheBuildpackIsMadeOf(t *testing.T) {
	first, _, _ := strings.Cut(string(read(t, "Dockerfile")), "\nRUN ")
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "./cmd/buildpack")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(out)) {
		dir, own := strings.CutPrefix(strings.TrimSpace(name), "mlflow-server/")
		if own && !strings.Contains(first+"\n", "COPY "+dir+"/ "+dir+"/\n") {
			t.Errorf("the first layer lacks %s", dir)
		}
	}
}

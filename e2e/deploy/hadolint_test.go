package deploy_test

import (
	"os/exec"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestTheLinterHasNothingToSayAboutTheDockerfile(t *testing.T) {
	hadolint := harness.Require(t, "hadolint")
	out, err := exec.CommandContext(t.Context(), hadolint, "--no-color", "--failure-threshold", "style", root+"/Dockerfile").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

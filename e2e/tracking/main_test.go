package tracking_test

import (
	"os"
	"testing"

	"mlflow-server/e2e/harness"
)

// launcherVariable has the test binary play a launcher, to be killed.
const launcherVariable = "E2E_TRACKING_LAUNCHER"

func TestMain(m *testing.M) {
	if options := os.Getenv(launcherVariable); options != "" {
		playLauncher(options)
	}
	harness.Main(m)
}

package release

import (
	"testing"

	"mlflow-server/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// root is the repository's directory.
const root = "../.."

package deploy_test

import (
	"os"
	"path/filepath"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// root is the repository's directory.
const root = "../.."

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

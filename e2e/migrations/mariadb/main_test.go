package mariadb

import (
	"testing"

	"mlflow-server/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

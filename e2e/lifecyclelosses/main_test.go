package lifecyclelosses

import (
	"testing"

	"mlflow-server/bench/load"
	"mlflow-server/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

func asLoad(s *harness.Instance) load.Server {
	address := s.URL[len("http://"):]
	return load.Server{Addresses: []string{address}, Host: address, User: s.User, Password: s.Password}
}

package login_test

import (
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// account is one user of the server under test.
type account struct{ name, password string }

var (
	plain  = account{"anna", `sp@ce: ,#%"'\ ünï 世界`}
	second = account{"Dörte, Müller", "p"}
	hashed = account{"carl", "correct horse battery staple"}
)

// accounts are listed in this order.
var accounts = []account{plain, second, hashed}

// start runs a server with the three users, of whom one has a bcrypt hash. MLflow's own access log is on, so that a test sees what has arrived there.
func start(t *testing.T, hash string) *harness.Instance {
	t.Helper()
	server := harness.Start(t, harness.Options{Env: map[string]string{
		"MLFLOW_TRACKING_USERNAME": list(plain.name, second.name, hashed.name),
		"MLFLOW_TRACKING_PASSWORD": list(plain.password, second.password, hash),
		"MLFLOW_LOGGING_LEVEL":     "DEBUG",
		"MLFLOW_TRUSTED_PROXIES":   "1", // each test comes from an address of its own
		"WEB_CONCURRENCY":          "1", // one worker logs in the order in which requests arrive
	}})
	server.User, server.Password = plain.name, plain.password
	return server
}

// list writes a list as the contract wants it: a comma inside an entry is escaped.
func list(entries ...string) string {
	for i := range entries {
		entries[i] = strings.ReplaceAll(entries[i], ",", `\,`)
	}
	return strings.Join(entries, ",")
}

// arrived are the lines that MLflow has printed and that hold a text.
func arrived(server *harness.Instance, text string) []string {
	var found []string
	for line := range strings.Lines(server.Log()) {
		if strings.Contains(line, "mlflow | ") && strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

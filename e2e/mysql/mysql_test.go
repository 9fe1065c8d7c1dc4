package mysql_test

import (
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestMariaDBWorksForTheRealClient(t *testing.T) {
	database := harness.MySQL(t)
	server := harness.Start(t, harness.Options{Env: database.Environment(nil)})
	harness.Exercise(t, server.Client)

	count, err := harness.QueryMySQL(t.Context(), database, "SELECT COUNT(*) > 0 FROM `"+database.Name+"`.runs")
	if err != nil || count != "1" {
		t.Errorf("the runs are not in MariaDB: %s %v", count, err)
	}
	for line := range server.CommandLines() {
		if strings.Contains(line, database.Password) {
			t.Errorf("a command line holds the password: %s", line)
		}
	}
	if strings.Contains(server.Log(), database.Password) {
		t.Error("the log holds the password")
	}
	server.Stop()
}

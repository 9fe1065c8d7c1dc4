package postgres_test

import (
	"testing"

	"mlflow-server/e2e/harness"
)

// TestTwoServersOnAnEmptyDatabaseBothStart matters because MLflow itself dies in this race: Heroku's preboot and a scale-out start two
// dynos at the same moment.
func TestTwoServersOnAnEmptyDatabaseBothStart(t *testing.T) {
	database := harness.Postgres(t)
	artifacts := t.TempDir()
	options := func() harness.Options {
		return harness.Options{Env: database.Environment(map[string]string{"MLFLOW_ARTIFACT_URI": artifacts, "WEB_CONCURRENCY": "1"})}
	}
	one, two := harness.Launch(t, options()), harness.Launch(t, options())
	one.WaitHealthy()
	two.WaitHealthy()
	harness.Exercise(t, one.Client, "runs")
	harness.Exercise(t, two.Client, "finds_earlier_data")
}

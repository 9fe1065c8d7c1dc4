package postgres_test

import (
	"encoding/json"
	"net/http"
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

// TestWhoWaitedForAnothersMigrationKnowsTheSchemaAsWell: both have read that there is none before either makes one.
func TestWhoWaitedForAnothersMigrationKnowsTheSchemaAsWell(t *testing.T) {
	database := harness.Postgres(t)
	held, err := harness.OpenPostgres(t, database).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Rollback() }()
	// The key of internal/tracking/mlflow_serve/locks.py.
	if _, err := held.ExecContext(t.Context(),
		`SELECT pg_advisory_xact_lock(('x' || substr(encode(sha256('mlflow-server schema'), 'hex'), 1, 16))::bit(64)::bigint)`); err != nil {
		t.Fatal(err)
	}
	options := func() harness.Options {
		return harness.Options{Env: database.Environment(map[string]string{"WEB_CONCURRENCY": "1"})}
	}
	one, two := harness.Launch(t, options()), harness.Launch(t, options())
	for _, server := range []*harness.Instance{one, two} {
		server.WaitLog("waiting for another process that is changing the database's schema")
	}
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	var found [2]string
	for i, server := range []*harness.Instance{one, two} {
		server.WaitHealthy()
		server.WaitLog(`msg="native tracking" is=on`)
		var status struct {
			Schema string `json:"schema_revision"`
		}
		answer := server.Request(t, http.MethodGet, "/-/status", nil, func(r *http.Request) { r.Header.Set("Accept", "application/json") })
		if err := json.Unmarshal([]byte(answer.Body), &status); err != nil {
			t.Fatalf("%v in %s", err, answer.Body)
		}
		found[i] = status.Schema
	}
	if found[0] == "" || found[0] != found[1] {
		t.Errorf("the schema's revision is %q and %q", found[0], found[1])
	}
}

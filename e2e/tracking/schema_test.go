package tracking_test

import (
	"strings"
	"sync"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestAnOlderSchemaIsUpgradedAndKeepsItsData(t *testing.T) {
	o := options(t)
	python(t, o.Runtime, `
import sys, sqlalchemy
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base
uri = sys.argv[1]
engine = sqlalchemy.create_engine(uri)
Base.metadata.create_all(engine)
with engine.begin() as connection:
    config = _get_alembic_config(uri)
    config.attributes["connection"] = connection
    command.upgrade(config, sys.argv[2])
with engine.begin() as connection:
    connection.execute(sqlalchemy.text(
        "INSERT INTO experiments (name, artifact_location, lifecycle_stage) VALUES ('from long ago', '/a', 'active')"))
`, o.BackendURI, "97727af70f4d")
	r := run(t, o)
	r.untilReady(t, 1)
	if body := r.mustSearch(t); !strings.Contains(body, "from long ago") {
		t.Errorf("experiments: %s", body)
	}
	if !strings.Contains(r.log.String(), `msg="upgrading the database's schema" from=97727af70f4d`) {
		t.Error("the log does not tell of the upgrade")
	}
}

func TestServersThatStartTogetherOnAnEmptyPostgreSQLDoNotCollide(t *testing.T) {
	together(t, harness.Postgres(t).URL("postgresql+psycopg"), 8)
}

func TestServersThatStartTogetherOnAnEmptyMariaDBDoNotCollide(t *testing.T) {
	together(t, harness.MySQL(t).URL("mysql+pymysql"), 3)
}

func together(t *testing.T, uri string, servers int) {
	all := make([]*running, servers)
	for i := range all {
		o := options(t)
		o.BackendURI = uri
		all[i] = run(t, o)
	}
	var ready sync.WaitGroup
	for _, r := range all {
		r.untilReady(t, 1)
		if body := r.mustSearch(t); strings.Count(body, `"experiment_id"`) != 1 {
			t.Errorf("experiments: %s", body)
		}
		if r.Status().Restarts != 0 || strings.Contains(r.log.String(), "Traceback") {
			t.Error("a server had trouble")
		}
	}
	made := 0
	for _, r := range all {
		ready.Go(func() { r.stop(); <-r.done })
		made += strings.Count(r.log.String(), "the database's schema is up to date")
	}
	ready.Wait()
	if made != 1 {
		t.Errorf("the schema was made %d times", made)
	}
}

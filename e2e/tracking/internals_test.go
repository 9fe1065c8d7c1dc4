package tracking_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// What serve.py relies on is private to MLflow: here it is held against the locked version.

func TestThePrivateNamesAreThoseOfTheLockedMLflow(t *testing.T) {
	r := harness.Runtime(t)
	var got map[string]string
	out := python(t, r, `
import inspect, json
from mlflow import environment_variables as e
from mlflow.server import constants as c
from mlflow.store.db import utils
import mlflow.server, mlflow.server.handlers
print(json.dumps({
    "version": mlflow.__version__,
    "backend": c.BACKEND_STORE_URI_ENV_VAR,
    "registry": c.REGISTRY_STORE_URI_ENV_VAR,
    "root": c.ARTIFACT_ROOT_ENV_VAR,
    "destination": c.ARTIFACTS_DESTINATION_ENV_VAR,
    "serve": c.SERVE_ARTIFACTS_ENV_VAR,
    "boot": e._MLFLOW_SERVER_BOOT_ID.name,
    "sgi": e._MLFLOW_SGI_NAME.name,
    "executor": e._MLFLOW_IN_JOB_EXECUTOR.name,
    "jobs": e.MLFLOW_SERVER_ENABLE_JOB_EXECUTION.name,
    "telemetry": e.MLFLOW_DISABLE_TELEMETRY.name,
    "catalog": e.MLFLOW_MODEL_CATALOG_URI.name,
    "initialize": str(inspect.signature(utils._initialize_tables)),
    "upgrade": str(inspect.signature(utils._upgrade_db)),
    "tables": " ".join([*sorted(utils.InitialBase.metadata.tables), *sorted({"jobs", "spans"} & set(utils.Base.metadata.tables))]),
    "engine": str(inspect.signature(utils.create_sqlalchemy_engine)),
    "store": str(list(inspect.signature(mlflow.server.handlers._get_tracking_store).parameters)),
    "models": str(list(inspect.signature(mlflow.server.handlers._get_model_registry_store).parameters)),
    "run": " ".join(inspect.signature(mlflow.server._run_server).parameters),
}))
`)
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"version":     r.MLflowVersion,
		"backend":     "_MLFLOW_SERVER_FILE_STORE",
		"registry":    "_MLFLOW_SERVER_REGISTRY_STORE",
		"root":        "_MLFLOW_SERVER_ARTIFACT_ROOT",
		"destination": "_MLFLOW_SERVER_ARTIFACT_DESTINATION",
		"serve":       "_MLFLOW_SERVER_SERVE_ARTIFACTS",
		"boot":        "_MLFLOW_SERVER_BOOT_ID",
		"sgi":         "_MLFLOW_SGI_NAME",
		"executor":    "_MLFLOW_IN_JOB_EXECUTOR",
		"jobs":        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION",
		"telemetry":   "MLFLOW_DISABLE_TELEMETRY",
		"catalog":     "MLFLOW_MODEL_CATALOG_URI",
		"initialize":  "(engine)",
		"upgrade":     "(engine)",
		"tables":      "experiments metrics params runs tags jobs spans",
		"engine":      "(db_uri)",
		"store":       "['backend_store_uri', 'default_artifact_root']",
		"models":      "['registry_store_uri']",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

func TestMLflowsOwnCommandSetsNoOtherPrivateVariable(t *testing.T) {
	r := harness.Runtime(t)
	source, err := os.ReadFile(filepath.Join(r.SitePackages, "mlflow", "server", "__init__.py"))
	if err != nil {
		t.Fatal(err)
	}
	known := []string{
		"BACKEND_STORE_URI_ENV_VAR", "REGISTRY_STORE_URI_ENV_VAR", "ARTIFACT_ROOT_ENV_VAR", "SERVE_ARTIFACTS_ENV_VAR",
		"ARTIFACTS_DESTINATION_ENV_VAR", "_MLFLOW_SERVER_BOOT_ID.name", "_MLFLOW_IN_JOB_EXECUTOR.name", "_MLFLOW_SGI_NAME.name",
		// Features that this server does not offer, or that have public variables of their own.
		"READ_REPLICA_BACKEND_STORE_URI_ENV_VAR", "ARTIFACTS_ONLY_ENV_VAR", "STATIC_PREFIX_ENV_VAR", "PROMETHEUS_EXPORTER_ENV_VAR",
		"SECRETS_CACHE_TTL_ENV_VAR", "SECRETS_CACHE_MAX_SIZE_ENV_VAR", "MLFLOW_FLASK_SERVER_SECRET_KEY.name",
		"_MLFLOW_AUTH_ADMIN_BOOTSTRAPPED.name", "_MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN.name", "HUEY_STORAGE_PATH_ENV_VAR",
	}
	found := 0
	for line := range strings.Lines(string(source)) {
		if _, rest, ok := strings.Cut(line, "env_map["); ok {
			found++
			if name, _, _ := strings.Cut(rest, "]"); !slices.Contains(known, name) {
				t.Errorf("env_map[%s] is new: does the server need it?", name)
			}
		}
	}
	if found < len(known) {
		t.Errorf("found %d of %d variables: the source has changed its form", found, len(known))
	}
}

func TestTheRevisionsReadFromTextAreAlembics(t *testing.T) {
	out := withParts(t, `
import json, sys
from mlflow_serve.schema import known_revisions
assert "mlflow" not in sys.modules
ours = known_revisions()
from alembic.script import ScriptDirectory
from mlflow.store.db.utils import _get_alembic_config, _get_latest_schema_revision
script = ScriptDirectory.from_config(_get_alembic_config(""))
theirs = [revision.revision for revision in script.walk_revisions()][::-1]
print(json.dumps([ours, theirs, _get_latest_schema_revision()]))
`)
	var got []any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	ours, theirs := got[0].([]any), got[1].([]any)
	if len(ours) < 67 || !slices.Equal(ours, theirs) || ours[len(ours)-1] != got[2] {
		t.Errorf("read %d revisions up to %v; alembic has %d up to %v", len(ours), ours[len(ours)-1], len(theirs), got[2])
	}
}

func TestAWorkerThatAlwaysDiesAtItsStartIsNotForkedForEver(t *testing.T) {
	out := withParts(t, `
import os, socket, sys, types
from mlflow_serve import application, forks, lifeline
from mlflow_serve.failure import Ended
application.serve = lambda *arguments: os._exit(3)
held = os.pipe()
deaths = []
report = types.SimpleNamespace(worker=lambda *a: None, died=lambda index, pid, reason: deaths.append(reason))
sys.stderr = open(os.devnull, "w")
try:
    forks.serve(None, [socket.socket(socket.AF_UNIX)], None, report, lifeline.Lifeline(held[0]))
except Ended as ended:
    print(ended.code, deaths)
`)
	if want := "3 ['exit code 3', 'exit code 3', 'exit code 3', 'exit code 3', 'exit code 3']"; out != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

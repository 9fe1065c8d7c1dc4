package subject

import (
	"path/filepath"
	"strconv"

	"mlflow-server/bench/peer"
	"mlflow-server/bench/process"
)

// Threaded is MLflow's Flask application alone in a threaded WSGI server, workers forked from a process that has imported it:
// gunicorn, which MLflow itself served with before FastAPI. What only FastAPI answers is missing.
type Threaded struct {
	peer.MLflow
	// Threads is how many calls a worker answers at a time.
	Threads int
}

// Start starts it, with what "mlflow server" tells the application (mlflow/server/__init__.py).
func (t Threaded) Start(o Options) (*Server, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	args := []string{
		"--worker-class", "gthread", "--threads", strconv.Itoa(t.Threads), "--workers", strconv.Itoa(o.Workers), "--preload", "--timeout", "0",
		"--keep-alive", "60", "--bind", "127.0.0.1:" + strconv.Itoa(port), "mlflow.server:app",
	}
	return start(o, port, "", "", filepath.Join(t.Bin(), "gunicorn"), args, environment(o.Dir,
		"_MLFLOW_SERVER_FILE_STORE="+o.Database, "_MLFLOW_SERVER_ARTIFACT_ROOT=mlflow-artifacts:/", "_MLFLOW_SERVER_SERVE_ARTIFACTS=true",
		"_MLFLOW_SERVER_ARTIFACT_DESTINATION="+filepath.Join(o.Dir, "artifacts"), "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false"))
}

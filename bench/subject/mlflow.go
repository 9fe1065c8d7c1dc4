package subject

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"mlflow-server/bench/peer"
	"mlflow-server/bench/process"
)

// MLflow is "mlflow server" with its defaults, as its documentation starts it.
type MLflow struct {
	peer.MLflow
	// Tuned leaves out the processes that run jobs, which a tracking server does without
	// (MLFLOW_SERVER_ENABLE_JOB_EXECUTION, mlflow/environment_variables.py).
	Tuned bool
	// Login is "--app-name basic-auth": MLflow's own login, with its cache off, as it is by default.
	Login bool
	// Cached turns that cache on, for a minute, as mlflow/server/auth/basic_auth.ini proposes.
	Cached bool
}

// Name is how the report calls it.
func (m MLflow) Name() string {
	name := "`mlflow server`"
	if m.Login {
		name = "`mlflow server --app-name basic-auth`"
	}
	if m.Tuned {
		name += " without jobs"
	}
	if m.Cached {
		name += " with its cache on"
	}
	return name
}

// cachedLogin is basic_auth.ini with the cache of logins on; the rest is as MLflow ships it.
const cachedLogin = `[mlflow]
default_permission = READ
database_uri = sqlite:///basic_auth.db
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
auth_cache_ttl_seconds = 60
`

// Start starts it. The database's URI goes by environment.
func (m MLflow) Start(o Options) (*Server, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	args := []string{"server", "--host", "127.0.0.1", "--port", strconv.Itoa(port), "--workers", strconv.Itoa(o.Workers),
		"--artifacts-destination", filepath.Join(o.Dir, "artifacts")}
	environ := environment(o.Dir, "PATH="+m.Bin()+string(os.PathListSeparator)+os.Getenv("PATH"), "MLFLOW_BACKEND_STORE_URI="+o.Database)
	if m.Tuned {
		environ = append(environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false")
	}
	user, password := "", ""
	if m.Login {
		user, password = "bench", rand.Text()
		args = append(args, "--app-name", "basic-auth")
		environ = append(environ, "MLFLOW_AUTH_ADMIN_USERNAME="+user, "MLFLOW_AUTH_ADMIN_PASSWORD="+password,
			"MLFLOW_FLASK_SERVER_SECRET_KEY="+rand.Text())
	}
	if m.Cached {
		file := filepath.Join(o.Dir, "basic_auth.ini")
		if err := os.WriteFile(file, []byte(cachedLogin), 0o600); err != nil {
			return nil, fmt.Errorf("turning on the cache of MLflow's login: %w", err)
		}
		environ = append(environ, "MLFLOW_AUTH_CONFIG_PATH="+file)
	}
	return start(o, port, user, password, filepath.Join(m.Bin(), "mlflow"), args, environ)
}

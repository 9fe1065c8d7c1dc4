package subject

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strconv"

	"mlflow-server/bench/peer"
	"mlflow-server/bench/process"
)

// MLflow is "mlflow server" with its defaults, as its documentation starts it.
type MLflow struct {
	peer.MLflow
	// Login is "--app-name basic-auth": MLflow's own login, with its cache off, as it is by default.
	Login bool
}

// Name is the command line as the report calls it.
func (m MLflow) Name() string {
	if m.Login {
		return "mlflow server --app-name basic-auth"
	}
	return "mlflow server"
}

// Start starts it. The database's URI goes by environment.
func (m MLflow) Start(o Options) (*Server, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	args := []string{"server", "--host", "127.0.0.1", "--port", strconv.Itoa(port), "--workers", strconv.Itoa(o.Workers),
		"--artifacts-destination", filepath.Join(o.Dir, "artifacts")}
	environ := environment(o.Dir, "PATH="+m.Bin()+string(os.PathListSeparator)+os.Getenv("PATH"), "MLFLOW_BACKEND_STORE_URI="+o.Database)
	user, password := "", ""
	if m.Login {
		user, password = "bench", rand.Text()
		args = append(args, "--app-name", "basic-auth")
		environ = append(environ, "MLFLOW_AUTH_ADMIN_USERNAME="+user, "MLFLOW_AUTH_ADMIN_PASSWORD="+password,
			"MLFLOW_FLASK_SERVER_SECRET_KEY="+rand.Text())
	}
	return start(o, port, user, password, filepath.Join(m.Bin(), "mlflow"), args, environ)
}

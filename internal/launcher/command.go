package launcher

import (
	"path/filepath"
	"strings"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
)

// CommandEnviron is the environment of a command that works on this server's data with the runtime's Python, such as
// "mlflow gc": MLflow's own variables name the database and the artifacts.
func CommandEnviron(c *config.Config, runtime provision.Runtime, environ []string) []string {
	database := c.Backend.URI.Reveal()
	path, _ := config.LookupIn(environ)("PATH")
	first := []string{runtime.BinDir(), filepath.Dir(runtime.Python), path}
	out := append([]string{}, environ...)
	out = append(out,
		"MLFLOW_BACKEND_STORE_URI="+database,
		"MLFLOW_REGISTRY_STORE_URI="+database,
		"MLFLOW_TRACKING_URI="+database,
		"MLFLOW_ARTIFACTS_DESTINATION="+c.Artifacts.URI,
		"MLFLOW_DISABLE_TELEMETRY=true",
		"PATH="+strings.Join(first, string(filepath.ListSeparator)),
	)
	out = append(out, runtime.Environ()...)
	return lastOfEach(out)
}

// lastOfEach keeps the last of several variables of one name, as a shell would; what execve does with them is up to
// whoever reads them.
func lastOfEach(environ []string) []string {
	at := map[string]int{}
	var out []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if i, seen := at[name]; seen {
			out[i] = pair
			continue
		}
		at[name] = len(out)
		out = append(out, pair)
	}
	return out
}

package metrics

import "strings"

// families are the parts of MLflow's API that are counted apart. What is not here is "other": a label must not take its
// values from whoever sends requests.
var families = map[string]bool{
	"artifacts": true, "assistant": true, "datasets": true, "experiments": true, "gateway": true, "jobs": true,
	"logged-models": true, "metrics": true, "model-versions": true, "registered-models": true, "runs": true,
	"scorers": true, "server-info": true, "traces": true, "users": true, "webhooks": true,
}

// class is the part of the server that a path belongs to.
func class(path string) string {
	switch {
	case path == "/health":
		return "health"
	case strings.HasPrefix(path, "/-/"):
		return "own"
	case path == "/graphql":
		return "graphql"
	case path == "/", strings.HasPrefix(path, "/static-files"):
		return "ui"
	case path == "/get-artifact", path == "/model-versions/get-artifact":
		return "artifact-files"
	case strings.HasPrefix(path, "/v1/traces"):
		return "traces"
	}
	rest, ok := strings.CutPrefix(path, "/ajax-api/")
	if !ok {
		if rest, ok = strings.CutPrefix(path, "/api/"); !ok {
			return "other"
		}
	}
	_, rest, _ = strings.Cut(rest, "/") // the API's version
	if strings.HasPrefix(rest, "mlflow-artifacts/") {
		return "artifact-files"
	}
	rest, ok = strings.CutPrefix(rest, "mlflow/")
	family, _, _ := strings.Cut(rest, "/")
	if !ok || !families[family] {
		return "other"
	}
	return family
}

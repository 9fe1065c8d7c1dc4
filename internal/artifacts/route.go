package artifacts

import (
	"net/http"
	"strings"
)

// Class is what a request does to the artifact store, for those who decide who may do it.
type Class int

// The classes of requests.
const (
	None  Class = iota // not one of this package's requests
	Read               // gets or lists
	Write              // puts, deletes, or has to do with a multipart upload
)

// ClassOf tells what a request does to the artifact store, whether a Room or MLflow answers it. A method that MLflow
// knows no artifact route for is None.
func ClassOf(r *http.Request) Class {
	switch parse(r).action {
	case nothing, serverInfo:
		return None
	case upload, remove, multipartCreate, multipartComplete, multipartAbort, runUpload:
		return Write
	default:
		return Read
	}
}

type action int

const (
	nothing action = iota
	download
	list
	upload
	remove
	multipartCreate
	multipartComplete
	multipartAbort
	presign
	runFile
	modelFile
	serverInfo
	runUpload // MLflow's own answer to it is the right one, but it is an upload
)

// words are the actions as they stand in the log.
var words = map[action]string{
	download: "get", list: "list", upload: "put", remove: "delete", multipartCreate: "multipart-create",
	multipartComplete: "multipart-complete", multipartAbort: "multipart-abort", presign: "presign",
	runFile: "get", modelFile: "get", serverInfo: "server-info", runUpload: "put",
}

// route is one request as MLflow's route tables see it (mlflow/server/artifact_router.py, handlers.py).
type route struct {
	action action
	path   string // what follows the route, decoded once
	// compact: FastAPI answers this route, whose JSON has no spaces; the others are Flask's.
	compact bool
}

// parse finds the route of a request. What MLflow's routes would not match exactly (another method, a path that Flask
// redirects) is nothing, so that MLflow answers it.
func parse(r *http.Request) route {
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	path := r.URL.Path
	switch {
	case strings.Contains(path, "\n"): // matched by none of the routes' patterns
		return route{}
	case get && path == "/get-artifact":
		return route{action: runFile}
	case get && path == "/model-versions/get-artifact":
		return route{action: modelFile}
	case r.Method == http.MethodPost && path == "/ajax-api/2.0/mlflow/upload-artifact":
		return route{action: runUpload}
	}
	path, ok := strings.CutPrefix(path, "/ajax-api/")
	if !ok {
		if path, ok = strings.CutPrefix(path, "/api/"); !ok {
			return route{}
		}
	}
	if r.Method == http.MethodGet && path == "3.0/mlflow/server-info" {
		return route{action: serverInfo}
	}
	if path, ok = strings.CutPrefix(path, "2.0/mlflow-artifacts/"); !ok {
		return route{}
	}
	room, rest, below := strings.Cut(path, "/")
	if room == "artifacts" {
		return artifactRoute(r.Method, rest, below)
	}
	if room == "mpu" {
		var step string
		if step, rest, below = strings.Cut(rest, "/"); below {
			room = "mpu/" + step
		}
	}
	// Flask's path converter wants at least one character, and no slash first.
	if !below || rest == "" || rest[0] == '/' {
		return route{}
	}
	switch post := r.Method == http.MethodPost; {
	case post && room == "mpu/create":
		return route{action: multipartCreate, path: rest}
	case post && room == "mpu/complete":
		return route{action: multipartComplete, path: rest}
	case post && room == "mpu/abort":
		return route{action: multipartAbort, path: rest}
	case get && room == "presigned":
		return route{action: presign, path: rest}
	}
	return route{}
}

func artifactRoute(method, rest string, below bool) route {
	flask := below && rest != "" && rest[0] != '/'
	switch {
	case method == http.MethodGet && below:
		return route{action: download, path: rest, compact: true}
	case method == http.MethodPut && below:
		return route{action: upload, path: rest, compact: true}
	case method == http.MethodHead && flask:
		return route{action: download, path: rest}
	case method == http.MethodDelete && flask:
		return route{action: remove, path: rest}
	case method == http.MethodGet && !below: // MLflow lists the root whatever a HEAD asks for
		return route{action: list}
	}
	return route{}
}

package gate

import "strings"

// family is a group of MLflow's routes for which one decision holds.
type family struct {
	// name is for the log, the audit and metrics.
	name string
	// closed is the word that opens the family, in MLFLOW_OPEN_ROUTES; "" for one that is open.
	closed string
	// reads are the POSTs that read, by what follows the family in the path. POST is writing otherwise, and GET reading.
	reads []string
	// writes says that even GET is not for those who may read only.
	writes bool
}

// The words of MLFLOW_OPEN_ROUTES.
const (
	assistantRoutes = "assistant"
	gatewayRoutes   = "gateway"
	jobRoutes       = "jobs"
	userRoutes      = "users"
	webhookRoutes   = "webhooks"
	unknownRoutes   = "unknown"
)

// ClosedRoutes are the families of routes that nobody gets to unless they are opened, by the words of
// MLFLOW_OPEN_ROUTES: parts of MLflow that run commands (assistant), send requests wherever a user says (gateway,
// webhooks), start processes (jobs), keep a second list of users (users), or are not known to this server (unknown).
var ClosedRoutes = []string{assistantRoutes, gatewayRoutes, jobRoutes, userRoutes, webhookRoutes, unknownRoutes}

// apiFamilies are the routes below /api/X.0/mlflow/ and /ajax-api/X.0/mlflow/, by the first part that follows. The pinned
// MLflow's own route tables are held against this one by a test: a route that is missing here is refused.
var apiFamilies = map[string]*family{
	"artifacts":                {name: "artifacts", reads: []string{"presigned-download-url"}},
	"datasets":                 {name: "datasets", reads: []string{"search"}},
	"demo":                     {name: "demo"},
	"experiments":              {name: "experiments", reads: []string{"search", "search-datasets"}},
	"get-online-trace-details": {name: "traces"},
	"get-trace-artifact":       artifactFile,
	"issues":                   {name: "issues", reads: []string{"search"}},
	"label-schemas":            {name: "label-schemas"},
	"logged-models":            {name: "logged-models", reads: []string{"search"}},
	"mcp-servers":              {name: "mcp-servers"},
	"metrics":                  {name: "metrics"},
	"model-versions":           {name: "model-versions"},
	"registered-models":        {name: "registered-models", reads: []string{"get-latest-versions"}},
	"review-queues":            {name: "review-queues"},
	"runs":                     {name: "runs", reads: []string{"search"}},
	"scorers":                  {name: "scorers"},
	"server-info":              {name: "server-info"},
	"traces":                   {name: "traces", reads: []string{"search", "metrics", "batchGetInfos", "calculate-filter-correlation"}},
	"ui-telemetry":             {name: "ui-telemetry", reads: []string{""}},
	"unified-traces":           {name: "traces"},
	"upload-artifact":          {name: "artifacts"},
	"workspaces":               {name: "workspaces"},

	"assistant":           {name: "assistant", closed: assistantRoutes, writes: true},
	"gateway":             {name: "gateway", closed: gatewayRoutes},
	"gateway-proxy":       {name: "gateway", closed: gatewayRoutes, writes: true},
	"genai":               {name: "jobs", closed: jobRoutes},
	"jobs":                {name: "jobs", closed: jobRoutes, reads: []string{"search"}},
	"prompt-optimization": {name: "jobs", closed: jobRoutes, reads: []string{"jobs/search"}},
	"scorer":              {name: "jobs", closed: jobRoutes},
	"roles":               {name: "users", closed: userRoutes},
	"users":               {name: "users", closed: userRoutes},
	"webhooks":            {name: "webhooks", closed: webhookRoutes},
}

// singleRoutes are closed although their family is open, by what follows /mlflow/.
var singleRoutes = map[string]*family{
	"issues/invoke": {name: "jobs", closed: jobRoutes},
}

// topFamilies are the routes outside the API, by the first part of the path.
var topFamilies = map[string]*family{
	"":               {name: "page"},
	"build":          {name: "page"},
	"favicon.ico":    {name: "page"},
	"gateway":        {name: "gateway", closed: gatewayRoutes, writes: true},
	"get-artifact":   artifactFile,
	"graphql":        graphQL,
	"health":         {name: "health"},
	"metrics":        {name: "server-info"},
	"model-versions": artifactFile, // /model-versions/get-artifact
	"signup":         {name: "users", closed: userRoutes, writes: true},
	"static-files":   {name: "page"},
	"v1":             {name: "traces"}, // /v1/traces, OpenTelemetry
	"version":        {name: "server-info"},
}

// loggedModelFile ends the path of a file of a logged model (logged-models/<id>/artifacts/files).
const loggedModelFile = "/artifacts/files"

var (
	graphQL       = &family{name: "graphql", reads: []string{""}} // its mutations search and echo
	artifactFile  = &family{name: "artifact-file"}
	artifactProxy = &family{name: "mlflow-artifacts"}
	jobsAPI       = &family{name: "jobs", closed: jobRoutes, reads: []string{"search"}}
	unknownFamily = &family{name: "unknown", closed: unknownRoutes, writes: true}
	ownRoute      = route{family: &family{name: "own"}}
)

// route is where a path leads.
type route struct {
	*family
	rest string // what follows the family, without slashes around it
}

// classify finds the family of a canonical path. Spelled otherwise, in case or version, a path is unknown.
func classify(path string) route {
	api, isAPI := strings.CutPrefix(path, "/ajax-api/")
	if !isAPI {
		api, isAPI = strings.CutPrefix(path, "/api/")
	}
	if !isAPI {
		return find(topFamilies, path[min(1, len(path)):])
	}
	version, rest, _ := strings.Cut(api, "/")
	if version != "2.0" && version != "3.0" {
		return route{unknownFamily, rest}
	}
	area, rest, _ := strings.Cut(rest, "/")
	switch area {
	case "mlflow":
		if f := singleRoutes[strings.TrimSuffix(rest, "/")]; f != nil {
			return route{f, ""}
		}
		return find(apiFamilies, rest)
	case "mlflow-artifacts":
		return route{artifactProxy, rest}
	case "jobs":
		return route{jobsAPI, strings.TrimSuffix(rest, "/")}
	}
	return route{unknownFamily, rest}
}

func find(table map[string]*family, path string) route {
	name, rest, _ := strings.Cut(path, "/")
	f := table[name]
	if f == nil {
		f = unknownFamily
	}
	rest = strings.TrimSuffix(rest, "/")
	if name == "logged-models" && strings.HasSuffix(rest, loggedModelFile) {
		f = artifactFile
	}
	return route{f, rest}
}

// reading says whether a request with this method changes nothing.
func (t route) reading(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS":
		return !t.writes
	case "POST":
		for _, name := range t.reads {
			if t.rest == name {
				return true
			}
		}
	}
	return false
}

// Class is the family of MLflow's routes that a path belongs to, "unknown" if to none, and the word that opens it, in
// MLFLOW_OPEN_ROUTES, if it is closed by default.
func Class(path string) (name, closed string) {
	r := classify(path)
	return r.name, r.closed
}

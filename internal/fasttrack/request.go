package fasttrack

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// request is one call, read to its end.
type request struct {
	*http.Request
	w    http.ResponseWriter
	body []byte
}

// workspaceHeader names a workspace; MLflow refuses it where there are none (mlflow/server/workspace_helpers.py).
const workspaceHeader = "X-Mlflow-Workspace"

// find looks the call up. Only the paths of the official client and of the UI are known, without a slash at their end.
func (r *Room) find(q *http.Request) (*call, bool) {
	rest, ok := strings.CutPrefix(q.URL.Path, "/api/2.0/mlflow/")
	if !ok {
		if rest, ok = strings.CutPrefix(q.URL.Path, "/ajax-api/2.0/mlflow/"); !ok {
			return nil, false
		}
	}
	c, ok := r.calls[rest]
	if !ok {
		return nil, false
	}
	return c, c.get && q.Method == http.MethodGet || c.post && q.Method == http.MethodPost
}

// plainHeaders says whether there is nothing about a request that could change how MLflow reads it.
func plainHeaders(q *http.Request) bool {
	if len(q.Header["Content-Encoding"]) > 0 || len(q.Header[workspaceHeader]) > 0 {
		return false
	}
	if q.Method == http.MethodGet {
		return q.ContentLength == 0
	}
	if q.URL.RawQuery != "" || q.ContentLength <= 0 || q.ContentLength > maxBody {
		return false
	}
	kinds := q.Header["Content-Type"]
	return len(kinds) == 1 && (kinds[0] == "application/json" || strings.EqualFold(kinds[0], "application/json; charset=utf-8"))
}

// reply sends MLflow's 200. It tells true, for the convenience of its callers.
func (q *request) reply(text []byte) bool {
	header := q.w.Header()
	header["Content-Type"] = jsonType
	header["Content-Length"] = []string{strconv.Itoa(len(text))}
	_, _ = q.w.Write(text) // else the client has left
	return true
}

var (
	jsonType = []string{"application/json"}
	// nothing is the answer of a call that only writes.
	nothing = []byte("{}")
)

// query reads a query in which each of the given parameters stands at most once, and no other; the first must be there.
func (q *request) query(names ...string) (map[string]string, bool) {
	given, err := url.ParseQuery(q.URL.RawQuery)
	if err != nil || len(given) == 0 || len(given) > len(names) {
		return nil, false
	}
	values := make(map[string]string, len(given))
	for _, name := range names {
		switch found := given[name]; len(found) {
		case 0:
		case 1:
			values[name] = found[0]
		default:
			return nil, false
		}
	}
	return values, len(values) == len(given)
}

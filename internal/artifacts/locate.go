package artifacts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// locator finds out where the artifacts of runs and model versions are, by asking MLflow, and remembers it for a while.
type locator struct {
	mlflow http.RoundTripper
	now    func() time.Time

	mu    sync.Mutex
	known map[string]location
}

type location struct {
	root  string
	until time.Time
}

// A run keeps its artifact URI for life, and its id is never used again. The number of a model version is, when its
// model is deleted and made anew.
const (
	runKnown     = 10 * time.Minute
	versionKnown = 10 * time.Second
	mostKnown    = 4096
	maxAnswer    = 64 << 20 // a run comes with all its parameters and tags
)

func newLocator(mlflow http.RoundTripper) *locator {
	return &locator{mlflow: mlflow, now: time.Now, known: map[string]location{}}
}

// errNotHere is a run or a version that does not exist, or has its artifacts in a store of its own.
var errNotHere = errors.New("not in this artifact store")

// root is where the artifacts of a request's run or model version are, relative to the store's root.
func (l *locator) root(r *http.Request, a action) (string, error) {
	query := func(name string) string {
		value, _ := queryValue(r.URL.RawQuery, name)
		return value
	}
	var ask string
	keep := runKnown
	if a == runFile {
		id := query("run_id")
		if id == "" {
			id = query("run_uuid")
		}
		ask = "runs/get?" + url.Values{"run_id": {id}}.Encode()
	} else {
		ask = "model-versions/get-download-uri?" + url.Values{"name": {query("name")}, "version": {query("version")}}.Encode()
		keep = versionKnown
	}
	l.mu.Lock()
	found, ok := l.known[ask]
	l.mu.Unlock()
	if ok && l.now().Before(found.until) {
		return found.root, nil
	}
	root, err := l.ask(r, ask)
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.known) >= mostKnown {
		clear(l.known)
	}
	l.known[ask] = location{root: root, until: l.now().Add(keep)}
	return root, nil
}

func (l *locator) ask(r *http.Request, path string) (string, error) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://127.0.0.1/api/2.0/mlflow/"+path, nil)
	if err != nil {
		return "", fmt.Errorf("asking MLflow for an artifact URI: %w", err)
	}
	answer, err := l.mlflow.RoundTrip(request)
	if err != nil {
		return "", fmt.Errorf("asking MLflow for an artifact URI: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", errNotHere
	}
	var found struct {
		Run struct {
			Info struct {
				ArtifactURI string `json:"artifact_uri"`
			} `json:"info"`
		} `json:"run"`
		ArtifactURI string `json:"artifact_uri"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&found); err != nil {
		return "", fmt.Errorf("reading an artifact URI from MLflow: %w", err)
	}
	return proxied(found.Run.Info.ArtifactURI + found.ArtifactURI)
}

// proxied is the path within the store that an artifact URI means (_get_proxied_run_artifact_destination_path).
func proxied(uri string) (string, error) {
	u := splitURL(uri)
	switch u.scheme {
	case "mlflow-artifacts":
		return checked(strings.TrimLeft(u.path, "/"))
	case "http", "https":
		if _, root, ok := strings.Cut(u.path, "/api/2.0/mlflow-artifacts/artifacts/"); ok {
			return checked(strings.TrimLeft(root, "/"))
		}
	}
	return "", errNotHere
}

// checked leaves roots to MLflow that are not plain paths: an experiment's artifact location is what its maker wrote.
func checked(root string) (string, error) {
	if clean, err := cleanPath(root); err != nil || clean != root {
		return "", errNotHere
	}
	return root, nil
}

package docs

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// herokuAPI stands in for Heroku's, as far as the heroku command asks it to make an app and to tell of one.
// Source: https://devcenter.heroku.com/articles/platform-api-reference
type herokuAPI struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string          // what changed something: method, path and body
	config map[string]string // of the app
	webURL string
}

func newHerokuAPI(t *testing.T) *herokuAPI {
	t.Helper()
	api := &herokuAPI{config: map[string]string{}, webURL: "https://my-app-1234.herokuapp.com/"}
	api.Server = httptest.NewServer(http.HandlerFunc(api.answer))
	t.Cleanup(api.Close)
	return api
}

func (api *herokuAPI) answer(w http.ResponseWriter, r *http.Request) {
	api.mu.Lock()
	defer api.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if r.Method != http.MethodGet {
		api.asked = append(api.asked, r.Method+" "+r.URL.Path+" "+string(body))
	}
	named := func(name string) map[string]any { return map[string]any{"name": name} }
	app := map[string]any{"id": "01234567-89ab-cdef-0123-456789abcdef", "name": "my-app", "web_url": api.webURL, "git_url": "https://git.heroku.com/my-app.git",
		"region": named("us"), "stack": named("heroku-26"), "build_stack": named("heroku-26"), "owner": map[string]any{"email": "ann@example.com"},
		"created_at": "2026-01-01T00:00:00Z", "repo_size": 1, "slug_size": 1}
	var given map[string]any
	_ = json.Unmarshal(body, &given)
	var answer any
	switch rest := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/apps"), "/my-app"); {
	case rest == "":
		answer = app
	case rest == "/addons" && r.Method == http.MethodPost:
		answer = map[string]any{"name": "an-addon", "plan": map[string]any{"name": given["plan"]}, "state": "provisioned", "app": app}
	case rest == "/buildpack-installations":
		answer = []any{}
	case rest == "/releases":
		answer = []any{map[string]any{"version": 1}}
	case rest == "/config-vars":
		for name, value := range given {
			api.config[name], _ = value.(string)
		}
		answer = api.config
	case rest == "/addons", rest == "/collaborators", rest == "/dynos":
		answer = []any{}
	default:
		w.WriteHeader(http.StatusNotFound)
		answer = map[string]any{"id": "not_found", "message": "There is none."}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// environment has the heroku command ask the stand-in, and nobody for updates.
func (api *herokuAPI) environment() map[string]string {
	return map[string]string{"HEROKU_HOST": api.URL, "HEROKU_API_KEY": "00000000-0000-0000-0000-000000000000",
		"HEROKU_DISABLE_AUTOUPDATE": "1", "HEROKU_SKIP_NEW_VERSION_CHECK": "true", "DISABLE_TELEMETRY": "true"}
}

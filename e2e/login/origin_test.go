package login_test

import (
	"net/http"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// TestTheUIWorksUnderAnyNameAndOtherSitesCannotUseALogin matters because MLflow itself refuses every Host and Origin but localhost. On
// loopback this server takes any name only where it is told to.
func TestTheUIWorksUnderAnyNameAndOtherSitesCannotUseALogin(t *testing.T) {
	server := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_LOGGING_LEVEL": "DEBUG", "WEB_CONCURRENCY": "1", "MLFLOW_ALLOWED_HOSTS": "*"}})
	name := "mlflow.team.example"
	tests := []struct {
		name   string
		host   string
		header map[string]string
		status int
	}{
		{"a client that is no browser", "", nil, 200},
		{"a client that is no browser, under a public name", name, nil, 200},
		{"the UI on this machine", "", map[string]string{"Origin": server.URL, "Sec-Fetch-Site": "same-origin"}, 200},
		{"the UI under a public name over http", name, map[string]string{"Origin": "http://" + name}, 200},
		{"the UI behind a router that ends TLS", name, map[string]string{"Origin": "https://" + name, "X-Forwarded-Proto": "https"}, 200},
		{"the UI with a port", name + ":8080", map[string]string{"Origin": "http://" + name + ":8080", "Sec-Fetch-Site": "same-origin"}, 200},
		{"a person who typed the address", name, map[string]string{"Sec-Fetch-Site": "none"}, 200},
		{"another site", name, map[string]string{"Origin": "https://evil.example"}, 403},
		{"another site that says so", name, map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403},
		{"a neighbour below the same domain", name, map[string]string{"Origin": "https://wiki.team.example", "Sec-Fetch-Site": "same-site"}, 403},
		{"a sandboxed page", name, map[string]string{"Origin": "null"}, 403},
		{"another port of this machine", "", map[string]string{"Origin": "http://127.0.0.1:1"}, 403},
		{"localhost, which MLflow would trust", name, map[string]string{"Origin": "http://localhost:5000"}, 403},
	}
	posts := map[string]string{
		"/ajax-api/2.0/mlflow/experiments/search": `{"max_results": 1}`,
		"/graphql": `{"query": "query { mlflowGetExperiment(input: {experimentId: \"0\"}) { experiment { name } } }"}`,
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for path, text := range posts {
				marker := "?case=" + strings.ReplaceAll(strings.ReplaceAll(test.name, " ", "-"), ",", "") + "."
				answer := server.Request(t, http.MethodPost, path+marker, strings.NewReader(text), func(r *http.Request) {
					r.Header.Set("Content-Type", "application/json")
					if test.host != "" {
						r.Host = test.host
					}
					for key, value := range test.header {
						r.Header.Set(key, value)
					}
				})
				if answer.Status != test.status {
					t.Errorf("POST %s: %d, wanted %d: %s", path, answer.Status, test.status, answer.Body)
				}
				if test.status == http.StatusForbidden && len(arrived(server, marker)) > 0 {
					t.Errorf("POST %s has reached MLflow", path)
				}
			}
		})
	}

	t.Run("pages open under a public name", func(t *testing.T) {
		for _, path := range []string{"/", "/static-files/favicon.ico", "/ajax-api/2.0/mlflow/experiments/get?experiment_id=0"} {
			answer := server.Request(t, http.MethodGet, path, nil, func(r *http.Request) { r.Host = name })
			if answer.Status != http.StatusOK {
				t.Errorf("GET %s: %d: %s", path, answer.Status, answer.Body)
			}
		}
	})

	t.Run("a cross-origin request is refused without a login too", func(t *testing.T) {
		answer := server.Request(t, http.MethodPost, "/ajax-api/2.0/mlflow/experiments/create", strings.NewReader(`{"name": "x"}`), func(r *http.Request) {
			r.Header.Del("Authorization")
			r.Header.Set("Origin", "https://evil.example")
		})
		if answer.Status != http.StatusForbidden && answer.Status != http.StatusUnauthorized {
			t.Errorf("%d", answer.Status)
		}
	})
}

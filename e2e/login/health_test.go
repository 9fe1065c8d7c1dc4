package login_test

import (
	"net/http"
	"testing"

	"mlflow-server/e2e/harness"
)

func anonymous(r *http.Request) { r.Header.Del("Authorization") }

func TestHealthIsOpenForLookingOnly(t *testing.T) {
	server := harness.Start(t, harness.Options{})
	for _, path := range []string{"/health", "/health?from=elb"} {
		get := server.Request(t, http.MethodGet, path, nil, anonymous)
		if get.Status != http.StatusOK || get.Body == "" {
			t.Errorf("GET %s: %d %q, wanted 200 with a word", path, get.Status, get.Body)
		}
		head := server.Request(t, http.MethodHead, path, nil, anonymous)
		if head.Status != http.StatusOK || head.Body != "" {
			t.Errorf("HEAD %s: %d %q, wanted 200 without a body", path, head.Status, head.Body)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
		answer := server.Request(t, method, "/health", body(method), anonymous)
		if answer.Status != http.StatusUnauthorized || answer.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s /health: %d, wanted 401 with WWW-Authenticate", method, answer.Status)
		}
	}
}

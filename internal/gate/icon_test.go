package gate

import (
	"strings"
	"testing"
)

// TestEachPageBringsItsIcon: a browser else asks for /favicon.ico, which is behind the login.
func TestEachPageBringsItsIcon(t *testing.T) {
	ready := start(t)
	starting := start(t)
	starting.mlflow.doing = "MLflow is loading"
	for name, resp := range map[string]struct {
		rig
		path string
	}{
		"sign-in": {ready, signInPath}, "clients": {ready, clientsPath("/")}, "sign-out": {ready, signOutPath},
		"refusal": {ready, "/a/../b"}, "waiting": {starting, "/"},
	} {
		got := resp.send(t, "GET", resp.path, signedIn, asBrowser)
		if body := text(t, got); !strings.Contains(body, `<link rel="icon" href="data:image/svg+xml,`) {
			t.Errorf("%s has none: %s", name, body)
		}
		if policy := got.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "img-src data:;") {
			t.Errorf("%s may not show its icon: %s", name, policy)
		}
	}
}

package login_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func as(a account) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(a.name, a.password) }
}

func TestUsersComeInAndTheirPasswordsStayOut(t *testing.T) {
	made := harness.RunToExit(t, harness.Options{Args: []string{"hash-password"}, Stdin: hashed.password + "\n"})
	if made.Code != 0 || !strings.HasPrefix(made.Stdout, "$2") {
		t.Fatalf("hash-password has printed %q, exit code %d: %s", made.Stdout, made.Code, made.Stderr)
	}
	server := start(t, strings.TrimSpace(made.Stdout))

	for i, a := range accounts {
		t.Run(a.name+" over HTTP", func(t *testing.T) {
			for range 2 { // a hash is checked the first time and remembered the second
				answer := server.Request(t, http.MethodGet, fmt.Sprintf("/ajax-api/2.0/mlflow/experiments/search?max_results=1&user=%d", i), nil, as(a))
				if answer.Status != http.StatusOK || !strings.Contains(answer.Body, `"experiments"`) {
					t.Errorf("%d %s", answer.Status, answer.Body)
				}
			}
		})
		t.Run(a.name+" with the MLflow client", func(t *testing.T) {
			if out, err := harness.Python(t, server.As(a.name, a.password), "exercise.py", "experiments"); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}

	t.Run("the scheme's case does not matter", func(t *testing.T) {
		credentials := base64.StdEncoding.EncodeToString([]byte(plain.name + ":" + plain.password))
		for _, scheme := range []string{"basic ", "BASIC "} {
			answer := server.Request(t, http.MethodGet, "/version", nil, func(r *http.Request) { r.Header.Set("Authorization", scheme+credentials) })
			if answer.Status != http.StatusOK {
				t.Errorf("%s: %d", scheme, answer.Status)
			}
		}
	})

	t.Run("the log names the user and holds no password", func(t *testing.T) {
		for _, a := range accounts {
			credentials := base64.StdEncoding.EncodeToString([]byte(a.name + ":" + a.password))
			for _, secret := range []string{credentials, `"` + a.password + `"`, "=" + a.password + " ", ":" + a.password} {
				if strings.Contains(server.Log(), secret) {
					t.Errorf("the log holds the password of %s as %s", a.name, secret)
				}
			}
			if !strings.Contains(server.Log(), a.name) {
				t.Errorf("the log does not name %s", a.name)
			}
		}
		if strings.Contains(server.Log(), strings.TrimSpace(made.Stdout)) {
			t.Error("the log holds a hash")
		}
	})
}

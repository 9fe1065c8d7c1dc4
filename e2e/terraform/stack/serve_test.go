package stack_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/terraform/cloud"
)

// task is what ECS hands a task: its variables, and what is in the secrets that its definition names.
type task struct{ Environment, Secrets map[string]string }

func readTask(t *testing.T, moto *cloud.Moto) (read task) {
	t.Helper()
	if err := json.Unmarshal([]byte(must(t, moto, printTask)), &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// serve runs the product as ECS would: with the variables of the task that terraform made and the secrets that they name, two tasks
// of them, since one that is alone needs no common secret. Only what points to AWS's machines is turned to this one.
func serve(t *testing.T, moto *cloud.Moto, task task, host string) {
	authority := harness.NewAuthority(t)
	database := harness.StartTLSPostgres(t, authority, "localhost")
	database.Do(t, "CREATE ROLE "+task.Environment["MLFLOW_DB_USERNAME"]+" LOGIN PASSWORD '"+task.Secrets["MLFLOW_DB_PASSWORD"]+"'")
	database.Do(t, "CREATE DATABASE "+task.Environment["MLFLOW_DB_DATABASE"]+" OWNER "+task.Environment["MLFLOW_DB_USERNAME"])

	start := func() *harness.Instance {
		env := map[string]string{}
		for _, given := range []map[string]string{task.Environment, task.Secrets} {
			for name, value := range given {
				env[name] = value
			}
		}
		for name, value := range map[string]string{
			"PORT": strconv.Itoa(harness.FreePort(t)), "MLFLOW_HOST": "127.0.0.1", "MLFLOW_DATA_DIR": t.TempDir(),
			"MLFLOW_DB_HOST": "localhost", "MLFLOW_DB_PORT": strconv.Itoa(database.Port), "PGSSLROOTCERT": authority.File,
			"MLFLOW_S3_ENDPOINT_URL": moto.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", // the task's role
			"WEB_CONCURRENCY": "1", "MLFLOW_AUDIT_LOG": "stdout", // as service_environment may
		} {
			env[name] = value
		}
		return harness.Launch(t, harness.Options{Env: env})
	}
	one, two := start(), start()
	one.WaitHealthy()
	two.WaitHealthy()
	user, _, _ := strings.Cut(task.Environment["MLFLOW_TRACKING_USERNAME"], ",")
	password, _, _ := strings.Cut(task.Secrets["MLFLOW_TRACKING_PASSWORD"], ",")

	// What comes out of CloudFront and the load balancer behind it, for somebody at 203.0.113.7 who claims to be another.
	ask := func(server *harness.Instance, method, path, body, scheme string, prepare func(*http.Request)) harness.Answer {
		return server.As(user, password).Request(t, method, path, strings.NewReader(body), func(r *http.Request) {
			r.Host = host
			r.Header.Set("X-Forwarded-For", "198.51.100.9, 203.0.113.7, 130.176.1.2")
			r.Header.Set("X-Forwarded-Proto", "http") // between the two
			r.Header.Set("CloudFront-Forwarded-Proto", scheme)
			if prepare != nil {
				prepare(r)
			}
		})
	}

	t.Run("https is insisted on, and remembered", func(t *testing.T) {
		if answer := ask(one, http.MethodGet, "/version", "", "https", nil); answer.Status != http.StatusOK || answer.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%d, Strict-Transport-Security %q", answer.Status, answer.Header.Get("Strict-Transport-Security"))
		}
		if answer := ask(one, http.MethodGet, "/version", "", "http", nil); answer.Header.Get("Location") != "https://"+host+"/version" {
			t.Errorf("%d to %q", answer.Status, answer.Header.Get("Location"))
		}
	})

	t.Run("the client is who called CloudFront", func(t *testing.T) {
		answer := ask(one, http.MethodPost, "/api/2.0/mlflow/experiments/create", `{"name": "behind CloudFront"}`, "https", func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json")
		})
		if answer.Status != http.StatusOK {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
		one.WaitLog(`"address":"203.0.113.7"`)
		if strings.Contains(one.Stdout(), "198.51.100.9") || strings.Contains(one.Stdout(), "130.176.1.2") {
			t.Errorf("the log has another address:\n%s", harness.Tail(one.Stdout(), 10))
		}
	})

	t.Run("a session of one task is one of the other", func(t *testing.T) {
		form := url.Values{"username": {user}, "password": {password}}.Encode()
		in := ask(one, http.MethodPost, "/-/login", form, "https", func(r *http.Request) {
			r.Header.Del("Authorization")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", "https://"+host)
		})
		cookie, _, _ := strings.Cut(in.Header.Get("Set-Cookie"), ";")
		if in.Status != http.StatusSeeOther || !strings.HasPrefix(cookie, "__Host-") {
			t.Fatalf("signing in: %d %q", in.Status, cookie)
		}
		for name, server := range map[string]*harness.Instance{"its own": one, "the other": two} {
			answer := ask(server, http.MethodGet, "/version", "", "https", func(r *http.Request) {
				r.Header.Del("Authorization")
				r.Header.Set("Cookie", cookie)
			})
			if answer.Status != http.StatusOK {
				t.Errorf("%s task: %d", name, answer.Status)
			}
		}
	})

	t.Run("no secret is in a log", func(t *testing.T) {
		for name, value := range task.Secrets {
			for secret := range strings.SplitSeq(value, ",") {
				if strings.Contains(one.Log()+two.Log(), secret) {
					t.Errorf("%s is", name)
				}
			}
		}
	})
}

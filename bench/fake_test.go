package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fake makes this test binary play MLflow's command line.
const fake = "BENCH_TEST_PLAYS_MLFLOW"

func TestMain(m *testing.M) {
	if os.Getenv(fake) != "" {
		fmt.Fprintln(os.Stderr, playMLflow(os.Args[2:]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// fakeScript is how long the fake's script is, in bytes.
const fakeScript = 50_000

// installFake puts programs "mlflow" and "gunicorn" into a directory.
func installFake(bin string) error {
	own, err := os.Executable()
	if err == nil {
		err = os.MkdirAll(bin, 0o755)
	}
	if err != nil {
		return err
	}
	for name, script := range map[string]string{
		"mlflow":   `exec '%s' "$@"`,
		"gunicorn": `until [ "$1" = --bind ]; do shift; done; exec '%s' server --host 127.0.0.1 --port "${2#*:}"`,
	} {
		script = fmt.Sprintf("#!/bin/sh\nexport %s=1\n"+script+"\n", fake, own)
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// playMLflow answers "mlflow server" with as much of its API as the claims need, behind a login if asked for.
func playMLflow(args []string) error {
	flags := flag.NewFlagSet("mlflow server", flag.ContinueOnError)
	host, port := flags.String("host", "", ""), flags.Int("port", 0, "")
	app := flags.String("app-name", "", "")
	flags.Int("workers", 0, "")
	flags.String("artifacts-destination", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return http.ListenAndServe(fmt.Sprintf("%s:%d", *host, *port), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if *app != "" && (user != os.Getenv("MLFLOW_AUTH_ADMIN_USERNAME") || password != os.Getenv("MLFLOW_AUTH_ADMIN_PASSWORD")) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/" { // what a browser is shown
			fmt.Fprint(w, `<!doctype html><title>MLflow</title><script defer src="/main.js"></script><p>house prices: forest of depth 8`)
			return
		}
		if r.URL.Path == "/main.js" {
			w.Header().Set("Content-Type", "text/javascript")
			w.Header().Set("Cache-Control", "max-age=60")
			fmt.Fprint(w, "// "+strings.Repeat("x", fakeScript))
			return
		}
		fmt.Fprint(w, `{"experiment_id": "1", "run": {"info": {"run_id": "abc"}}}`)
	}))
}

package security_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/gate"
)

//go:embed routes.py
var routesSource string

// routes are the pinned MLflow's own, as "METHOD path".
func routes(t *testing.T) []string {
	t.Helper()
	out, err := harness.PythonSource(t, harness.Client{}, routesSource)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	found := strings.Split(strings.TrimSpace(out), "\n")
	if len(found) < 400 {
		t.Fatalf("only %d routes:\n%s", len(found), out)
	}
	return found
}

var placeholder = regexp.MustCompile(`<[^>]*>|\{[^}]*\}`)

// paths are the paths of routes, each once, with names in place of what users choose.
func paths(routes []string) []string {
	var found []string
	for _, r := range routes {
		_, path, _ := strings.Cut(r, " ")
		found = append(found, placeholder.ReplaceAllString(path, "x"))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// undecided are routes of the pinned MLflow that lead nowhere: a slash is missing in MLflow's own table.
var undecided = []string{"/api/2.0mlflow/experiments/search-datasets", "/ajax-api/2.0mlflow/experiments/search-datasets"}

// TestSomebodyHasDecidedAboutEveryRouteOfMLflow fails when a new MLflow has a new family of routes. Add it to the table in
// internal/gate/routes.go: open, or closed with a word in MLFLOW_OPEN_ROUTES, and which of its POSTs only read.
func TestSomebodyHasDecidedAboutEveryRouteOfMLflow(t *testing.T) {
	for _, path := range paths(routes(t)) {
		if class, _ := gate.Class(path); class == "unknown" && !slices.Contains(undecided, path) {
			t.Errorf("%s belongs to no family that is known", path)
		}
	}
}

// mutations are other spellings of a path, some of which some server takes for the same.
func mutations(path string) []string {
	last := strings.LastIndexByte(path, '/')
	dir, base := path[:last], path[last+1:]
	middle := strings.Replace(path[1:], "/", "//", 1)
	return []string{
		path, path + "/", "/" + path, "/" + middle, "/." + path, path + "/.", path + "/..", "/x/.." + path, "/health/.." + path, "/-/login/.." + path,
		"/-/login/..%2f" + path[1:], "/health%2f.." + path, "/health;" + path, "/%2e%2e" + path, "/%2E" + path, "/%252e%252e" + path,
		strings.Replace(path, "/", "%2f", 1), dir + "%2f" + base, dir + "%2F" + base, dir + "%5c" + base, dir + `\` + base, dir + "/%00" + base, path + "%00", path + "%20",
		path + ";x", path + ";/health", path + ".", path + "%2e", strings.ToUpper(path), path + "?/health", path + "%3f/health", path + "#/health", path + "%23",
		"/health?" + path, "http://127.0.0.1" + path, "//127.0.0.1" + path, path + "%0d%0aX-A:%20b",
	}
}

var methods = []string{"GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"}

// TestNoRouteInNoSpellingIsReachedWithoutALogin sends every route in every spelling with every method.
func TestNoRouteInNoSpellingIsReachedWithoutALogin(t *testing.T) {
	all := paths(routes(t))
	back := newBackend(t)
	var sent, odd atomic.Int64
	lines := make(chan string)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			c := back.connect(t)
			defer c.close()
			for line := range lines {
				status := c.send(t, line)
				sent.Add(1)
				target := strings.Fields(line)[1]
				method := strings.Fields(line)[0]
				path, _, _ := strings.Cut(target, "?")
				switch {
				case status == http.StatusUnauthorized || status == http.StatusBadRequest:
				case path == "/health" && (method == "GET" || method == "HEAD") && status == http.StatusOK:
				default:
					if odd.Add(1) < 10 {
						t.Errorf("%s: %d", line, status)
					}
				}
			}
		})
	}
	for _, path := range all {
		for _, spelling := range mutations(path) {
			for _, method := range methods {
				lines <- method + " " + spelling
			}
		}
	}
	close(lines)
	group.Wait()
	t.Logf("%d routes, %d requests, %d reached MLflow", len(all), sent.Load(), back.reached.Load())
	if back.reached.Load() != 0 {
		t.Errorf("%d requests reached MLflow, the last one %v", back.reached.Load(), back.last.Load())
	}
	// The positive control: the same requests with a login do arrive.
	c := back.connect(t)
	defer c.close()
	if status := c.send(t, "GET /version", "Authorization: "+back.login); status != http.StatusOK || back.reached.Load() != 1 {
		t.Errorf("with a login: %d, %d reached MLflow", status, back.reached.Load())
	}
}

// TestNoIdentityIsTakenFromAHeader tries every header that names a user somewhere, in every spelling.
func TestNoIdentityIsTakenFromAHeader(t *testing.T) {
	back := newBackend(t)
	c := back.connect(t)
	defer c.close()
	variants := 0
	for _, name := range identityHeaders(t) {
		for _, lines := range [][]string{
			{name + ": " + back.user},
			{name + ": Basic " + back.user},
			{name + ": " + back.user, name + ": " + back.user},
			{name + ": " + back.user, "Connection: " + name},
		} {
			variants++
			if status := c.send(t, "GET /version", lines...); status != http.StatusUnauthorized {
				t.Errorf("%q: %d", lines, status)
			}
		}
		// With a login they may come along, but not reach MLflow.
		lines := []string{"Authorization: " + back.login}
		if !strings.EqualFold(name, "Authorization") {
			lines = append(lines, name+": forged-identity")
		}
		before := back.reached.Load()
		if status := c.send(t, "GET /version", lines...); status != http.StatusOK || back.reached.Load() != before+1 {
			t.Errorf("%s: %d with a login", name, status)
		}
		for key, values := range *back.header.Load() {
			if strings.Contains(fmt.Sprint(values), "forged-identity") || strings.Contains(fmt.Sprint(values), back.login) {
				t.Errorf("%s reached MLflow as %s: %q", name, key, values)
			}
		}
	}
	t.Logf("%d variants of %d headers", variants, len(identityHeaders(t)))
	if variants < 200 {
		t.Errorf("only %d variants", variants)
	}
}

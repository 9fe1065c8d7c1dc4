// Package uri_test lets SQLAlchemy and MLflow themselves judge how the environment is mapped into a URI.
package uri_test

import (
	_ "embed"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/config"
)

func TestMain(m *testing.M) { harness.Main(m) }

//go:embed parse.py
var parser string

// request is what the parser is asked about one URI, and answer what it says.
type request struct {
	URI       string `json:"uri"`
	Mapped    bool   `json:"mapped"`
	Artifacts string `json:"artifacts"`
}

type answer struct {
	Driver         string
	User, Password *string
	Host           *string
	Port           *int
	Database       *string
	Query          map[string][]string
	MLflow         string
	Alembic        bool
	Arguments      map[string]any
	Artifacts      string
	Scheme         string `json:"artifacts_scheme"`
}

func load(variables map[string]string) (*config.Config, error) {
	all := map[string]string{"MLFLOW_TRACKING_PASSWORD": "not the default"}
	maps.Copy(all, variables)
	return config.Load(config.Serve, func(name string) (string, bool) {
		value, ok := all[name]
		return value, ok
	})
}

// judged is a URI with what is expected of the parser's answer.
type judged struct {
	from    string
	request request
	check   func(t *testing.T, got answer)
}

func TestEveryCharacterSurvivesTheWayToSQLAlchemy(t *testing.T) {
	t.Chdir(t.TempDir())
	g := generator{rand.New(rand.NewPCG(3, 17))} //nolint:gosec // the same cases every time
	var cases []judged
	for range 350 {
		cases = append(cases, fromParts(t, g.parts()))
	}
	for range 350 {
		cases = append(cases, fromURL(t, g.escapedURL(), g.IntN(2) == 0)...)
	}
	ambiguous := 0
	for range 200 {
		written, p := g.rawURL()
		if c, ok := fromRawURL(t, written, p); ok {
			cases = append(cases, c)
		} else {
			ambiguous++
		}
	}
	if ambiguous > 100 {
		t.Errorf("%d of 200 hand-written URLs are refused", ambiguous)
	}
	for range 100 {
		cases = append(cases, fromDirectory(t, g.text(awkward)))
	}

	requests := make([]request, len(cases))
	for i, c := range cases {
		requests[i] = c.request
	}
	answers := python[answer](t, parser, requests)
	checked := 0
	for i, c := range cases {
		if c.check == nil {
			continue // the input, parsed to compare with
		}
		checked++
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			got := answers[i]
			if !got.Alembic || got.MLflow == "" {
				t.Errorf("MLflow or alembic reads it differently")
			}
			if c.request.Mapped && i > 0 && cases[i-1].check == nil {
				compare(t, answers[i-1], got)
			}
			c.check(t, got)
			if t.Failed() {
				t.Logf("%s became\n%s, read as\n%+v", c.from, c.request.URI, got)
			}
		})
	}
	t.Logf("%d URIs judged, %d hand-written ones refused as ambiguous", checked, ambiguous)
	if checked < 500 {
		t.Errorf("only %d cases", checked)
	}
}

// fromParts expects the parts of MLFLOW_DB_* where the driver gets them.
func fromParts(t *testing.T, p parts) judged {
	t.Helper()
	c, err := load(p.variables())
	if err != nil {
		t.Fatalf("%+q: %v", p, err)
	}
	return judged{fmt.Sprintf("%+q", p), request{URI: c.Backend.URI.Reveal(), Mapped: true}, func(t *testing.T, got answer) {
		t.Helper()
		if text(got.User) != p.user || text(got.Password) != p.password || text(got.Database) != p.database || fmt.Sprint(*got.Port) != p.port {
			t.Error("user, password, database or port differ")
		}
		host := got.Arguments["host"]
		if strings.HasPrefix(got.Driver, "mysql") && strings.HasPrefix(p.host, "/") {
			host = got.Arguments["unix_socket"]
		}
		if host != p.host {
			t.Errorf("the driver connects to %q", host)
		}
	}}
}

// fromURL expects that SQLAlchemy reads the mapped URL as the given one, the driver and a missing sslmode apart.
func fromURL(t *testing.T, given string, dyno bool) []judged {
	t.Helper()
	variables := map[string]string{"DATABASE_URL": given}
	if dyno {
		variables["DYNO"] = "web.1"
	}
	c, err := load(variables)
	if err != nil {
		t.Fatalf("%s: %v", given, err)
	}
	mapped := c.Backend.URI.Reveal()
	again, err := load(map[string]string{"DATABASE_URL": mapped, "DYNO": variables["DYNO"]})
	if err != nil || again.Backend != c.Backend {
		t.Errorf("%s, mapped to %s, is mapped again to %s, %v", given, mapped, again.Backend.URI.Reveal(), err)
	}
	return []judged{{from: given, request: request{URI: given}}, {given, request{URI: mapped, Mapped: true}, func(t *testing.T, got answer) {
		t.Helper()
		if dialect, driver, ok := strings.Cut(got.Driver, "+"); !ok || driver == "" || dialect != c.Backend.Dialect {
			t.Errorf("the driver is %s", got.Driver)
		}
	}}}
}

// compare compares how SQLAlchemy reads a URL and what it was mapped to.
func compare(t *testing.T, given, mapped answer) {
	t.Helper()
	// What was added on a dyno is not in the given one.
	if _, ok := given.Query["sslmode"]; !ok && reflect.DeepEqual(mapped.Query["sslmode"], []string{"require"}) {
		delete(mapped.Query, "sslmode")
	}
	if !reflect.DeepEqual([]any{given.User, given.Password, given.Host, given.Port, given.Database, given.Query},
		[]any{mapped.User, mapped.Password, mapped.Host, mapped.Port, mapped.Database, mapped.Query}) {
		t.Errorf("SQLAlchemy reads the given URL as %+v", given)
	}
}

// fromRawURL expects the parts as they were typed; false when there is more than one way to read them.
func fromRawURL(t *testing.T, written string, p parts) (judged, bool) {
	t.Helper()
	c, err := load(map[string]string{"MLFLOW_BACKEND_URI": written})
	if err != nil {
		if !strings.Contains(err.Error(), "can be read in more than one way") {
			t.Errorf("%s: %v", written, err)
		}
		return judged{}, false
	}
	return judged{written, request{URI: c.Backend.URI.Reveal(), Mapped: true}, func(t *testing.T, got answer) {
		t.Helper()
		if text(got.User) != p.user || text(got.Password) != p.password || text(got.Host) != p.host || text(got.Database) != p.database {
			t.Error("it is not read as it was meant")
		}
	}}, true
}

// fromDirectory expects SQLite and artifacts where the data directory is.
func fromDirectory(t *testing.T, name string) judged {
	t.Helper()
	name = strings.ReplaceAll(name, "/", "-") + "x"
	c, err := load(map[string]string{"MLFLOW_DATA_DIR": "./" + name, "MLFLOW_ARTIFACT_URI": "./" + name + "/mlruns"})
	if err != nil {
		t.Fatalf("%q: %v", name, err)
	}
	dir, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return judged{name, request{URI: c.Backend.URI.Reveal(), Mapped: true, Artifacts: c.Artifacts.URI}, func(t *testing.T, got answer) {
		t.Helper()
		if text(got.Database) != dir+"/mlflow.db" || got.Artifacts != dir+"/mlruns" || got.Scheme != "" {
			t.Errorf("it is not %s", dir)
		}
		if c.DataDir != dir || c.Backend.File != dir+"/mlflow.db" {
			t.Errorf("the data directory is %s, the database %s", c.DataDir, c.Backend.File)
		}
	}}
}

func text(s *string) string {
	if s == nil {
		return "(none)"
	}
	return *s
}

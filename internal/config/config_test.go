package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// from looks variables up in a map.
func from(variables map[string]string) Lookup {
	return func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
}

// load loads variables in an empty working directory, with a login that is accepted everywhere unless one is given.
func load(t *testing.T, p Profile, variables map[string]string) (*Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	all := map[string]string{}
	if variables[usersFileVariable] == "" {
		all[passwordVariable] = "not the default"
	}
	for name, value := range variables {
		all[name] = value
	}
	return Load(p, from(all))
}

// mustLoad is load for variables that are right.
func mustLoad(t *testing.T, p Profile, variables map[string]string) *Config {
	t.Helper()
	c, err := load(t, p, variables)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// mustReject expects exactly one problem, whose line is returned.
func mustReject(t *testing.T, variables map[string]string) string {
	t.Helper()
	_, err := load(t, Serve, variables)
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 1 {
		t.Fatalf("want exactly one problem, got: %v", err)
	}
	return err.Error()
}

func workingDirectory(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDefaultsOfADeployment(t *testing.T) {
	c := mustLoad(t, Serve, nil)
	dir := workingDirectory(t)
	want := &Config{
		Host: "0.0.0.0", Port: 80, Users: []User{{"mlflow", "not the default"}}, DataDir: dir,
		Backend:   Backend{URI: Secret("sqlite:///" + dir + "/mlflow.db"), Source: "MLFLOW_DATA_DIR", Dialect: SQLite, File: dir + "/mlflow.db"},
		Artifacts: Artifacts{Kind: Directory, URI: dir + "/mlruns", Path: dir + "/mlruns"},
		Service:   ArtifactService{Native: true, MaxTransfers: 64, DownloadURLTime: 5 * time.Minute},
		Capacity: Capacity{DatabaseIdle: 2 * time.Minute, MigrationWait: 15 * time.Minute, WatchMemory: true,
			NativeOff: "the database is not PostgreSQL"},
		DatabaseWait: time.Minute, DrainTimeout: 25 * time.Second,
		SessionTime: 7 * 24 * time.Hour, MaxRequests: 1000, MaxRequestsPerUser: 500,
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %#v\nwant %#v", c, want)
	}
	if c.Addr() != "0.0.0.0:80" {
		t.Errorf("listens on %s", c.Addr())
	}
}

func TestLocalDefaultsKeepEverythingInOneDirectoryOnLoopback(t *testing.T) {
	c := mustLoad(t, Local, map[string]string{passwordVariable: ""})
	dir := filepath.Join(workingDirectory(t), "mlflow-data")
	if c.Addr() != "127.0.0.1:5000" || !c.DefaultLogin || c.DataDir != dir || c.Backend.File != dir+"/mlflow.db" ||
		c.Artifacts.Path != dir+"/mlruns" {
		t.Errorf("%+v", c)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Errorf("the data directory was not made: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("loading left %v", entries)
	}
}

func TestLocalArtifactsFollowTheDataDirectory(t *testing.T) {
	c := mustLoad(t, Local, map[string]string{"MLFLOW_DATA_DIR": "elsewhere"})
	if want := filepath.Join(workingDirectory(t), "elsewhere", "mlruns"); c.Artifacts.Path != want {
		t.Errorf("artifacts in %s, want %s", c.Artifacts.Path, want)
	}
}

func TestEmptyVariablesCountAsUnset(t *testing.T) {
	empty := map[string]string{}
	for _, v := range Variables {
		empty[v.Name] = ""
	}
	c := mustLoad(t, Local, empty)
	if again := mustLoad(t, Local, map[string]string{passwordVariable: ""}); c.Port != again.Port || len(c.Users) != 1 ||
		c.Users[0] != again.Users[0] || c.Backend.Source != again.Backend.Source {
		t.Errorf("got %+v, want %+v", c, again)
	}
}

func TestNumbersAreWholeAndWithinBounds(t *testing.T) {
	for _, name := range []string{"PORT", "WEB_CONCURRENCY", "MLFLOW_DB_WAIT_SECONDS", "MLFLOW_DRAIN_SECONDS"} {
		for _, value := range []string{"-1", "+1", "1.5", " 1", "1 ", "1e3", "many", "99999", "99999999999999999999", "0x10"} {
			if line := mustReject(t, map[string]string{name: value}); !strings.HasPrefix(line, name+": ") {
				t.Errorf("%s=%q: %s", name, value, line)
			}
		}
	}
	for _, name := range []string{"PORT", "WEB_CONCURRENCY"} {
		mustReject(t, map[string]string{name: "0"})
	}
	mustReject(t, map[string]string{"WEB_CONCURRENCY": "65"})
	mustReject(t, map[string]string{"PORT": "65536"})
	c := mustLoad(t, Serve, map[string]string{"PORT": "65535", "WEB_CONCURRENCY": "64", "MLFLOW_DB_WAIT_SECONDS": "0", "MLFLOW_DRAIN_SECONDS": "90"})
	if c.Port != 65535 || c.Workers != 64 || c.DatabaseWait != 0 || c.DrainTimeout != 90*time.Second {
		t.Errorf("%+v", c)
	}
}

func TestTheDynoIsKept(t *testing.T) {
	if c := mustLoad(t, Serve, map[string]string{"DYNO": "web.1", "MLFLOW_ALLOW_EPHEMERAL": "true"}); c.Dyno != "web.1" {
		t.Errorf("got %q", c.Dyno)
	}
}

func TestTheLocalURLCanBeOpened(t *testing.T) {
	for _, c := range []struct {
		host string
		port int
		want string
	}{
		{"127.0.0.1", 5000, "http://127.0.0.1:5000"},
		{"0.0.0.0", 8080, "http://127.0.0.1:8080"},
		{"::", 8080, "http://127.0.0.1:8080"},
		{"::1", 5000, "http://[::1]:5000"},
		{"::1", 80, "http://[::1]"},
		{"localhost", 80, "http://localhost"},
	} {
		if got := (&Config{Host: c.host, Port: c.port}).LocalURL(); got != c.want {
			t.Errorf("%s %d: %s, want %s", c.host, c.port, got, c.want)
		}
	}
}

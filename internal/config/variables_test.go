package config

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/joho/godotenv"
)

func example(t *testing.T) (path, text string) {
	t.Helper()
	path, err := filepath.Abs("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, string(content)
}

func TestTheExampleNamesEveryVariableOnceAndNoOther(t *testing.T) {
	_, text := example(t)
	quoted := regexp.MustCompile(`^(?:# )?([A-Z][A-Z0-9_]*)='[^']*'$`)
	assignment := regexp.MustCompile(`^(# )?[A-Z][A-Z0-9_]*=`)
	var named, table []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if match := quoted.FindStringSubmatch(line); match != nil {
			named = append(named, match[1])
		} else if !strings.HasPrefix(line, "#") && line != "" || assignment.MatchString(line) {
			t.Errorf("%q has no single quotes", line)
		}
	}
	for _, v := range Variables {
		table = append(table, v.Name)
	}
	slices.Sort(named)
	slices.Sort(table)
	if !slices.Equal(named, table) {
		t.Errorf("the example has\n%q\nthe table\n%q", named, table)
	}
}

func TestTheExampleWorksAsItIs(t *testing.T) {
	path, _ := example(t)
	values, err := godotenv.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := values["PORT"]; ok || values["MLFLOW_HOST"] != "127.0.0.1" {
		t.Errorf("PORT is set, or MLFLOW_HOST is %q", values["MLFLOW_HOST"])
	}
	t.Chdir(t.TempDir())
	c, err := Load(Serve, from(values))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(workingDirectory(t), "mlflow-data")
	if !c.DefaultLogin || c.DataDir != dir || c.Artifacts.Path != dir+"/mlruns" || c.Backend.Dialect != SQLite {
		t.Errorf("%+v", c)
	}
}

func TestTheExampleWorksWithEverythingSwitchedOn(t *testing.T) {
	_, text := example(t)
	on := regexp.MustCompile(`(?m)^# ([A-Z][A-Z0-9_]*=)`).ReplaceAllString(text, "$1")
	values, err := godotenv.Unmarshal(on)
	if err != nil {
		t.Fatal(err)
	}
	if len(values) != len(Variables) {
		t.Errorf("%d variables, want %d", len(values), len(Variables))
	}
	delete(values, usersFileVariable) // stands in place of the lists
	t.Chdir(t.TempDir())
	c, err := Load(Serve, from(values))
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr() != "127.0.0.1:5000" || c.Backend.Source != "MLFLOW_BACKEND_URI" {
		t.Errorf("%+v", c)
	}
}

func TestTheTableIsInGroupsAndDescribesEverything(t *testing.T) {
	var groups []string
	names := map[string]bool{}
	for _, v := range Variables {
		if v.Name == "" || v.Description == "" || strings.HasSuffix(v.Description, ".") || names[v.Name] {
			t.Errorf("%s has no description of its own, ends it with a full stop, or is there twice", v.Name)
		}
		names[v.Name] = true
		if last := len(groups) - 1; last < 0 || groups[last] != v.Group {
			groups = append(groups, v.Group)
		}
		secret := strings.Contains(v.Name, "PASSWORD") || strings.Contains(v.Name, "SECRET") || v.Name == "MLFLOW_TOKENS" || strings.HasSuffix(v.Name, "_URI") || v.Name == "DATABASE_URL"
		if secret != v.Secret && v.Name != "MLFLOW_ARTIFACT_URI" {
			t.Errorf("%s: secret is %v", v.Name, v.Secret)
		}
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(groups))); len(unique) != len(groups) {
		t.Errorf("groups are torn apart: %q", groups)
	}
}

func TestTheDefaultsOfTheTableAreTheOnesThatCount(t *testing.T) {
	for name, p := range map[string]Profile{"serve": Serve, "local": Local} {
		t.Run(name, func(t *testing.T) {
			spelledOut := map[string]string{passwordVariable: ""}
			for _, v := range Variables {
				// The database's parts would choose a server, or have words for a default.
				if !strings.HasPrefix(v.Name, "MLFLOW_DB_") || v.Name == "MLFLOW_DB_WAIT_SECONDS" {
					spelledOut[v.Name] = p.defaultOf(v.Name)
				}
			}
			spelledOut["MLFLOW_ALLOW_DEFAULT_LOGIN"] = "true"
			got := mustLoad(t, p, spelledOut)
			here := workingDirectory(t)
			want := mustLoad(t, p, map[string]string{passwordVariable: "", "MLFLOW_ALLOW_DEFAULT_LOGIN": "true"})
			there := workingDirectory(t)
			if got.Addr() != want.Addr() || got.Users[0] != want.Users[0] || got.Workers != want.Workers ||
				got.DatabaseWait != want.DatabaseWait || got.DrainTimeout != want.DrainTimeout ||
				strings.TrimPrefix(got.DataDir, here) != strings.TrimPrefix(want.DataDir, there) ||
				strings.TrimPrefix(got.Artifacts.Path, here) != strings.TrimPrefix(want.Artifacts.Path, there) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

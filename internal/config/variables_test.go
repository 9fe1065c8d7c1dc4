package config

import (
	"cmp"
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

// entry is a variable in the example, with the heading of its group, what is said below that, and the comment above it.
type entry struct{ name, value, heading, comment string }

// entries reads the example line by line; it complains about what is neither empty, a comment nor a quoted value.
func entries(t *testing.T) (list []entry) {
	t.Helper()
	_, text := example(t)
	quoted := regexp.MustCompile(`^(?:# )?([A-Z][A-Z0-9_]*)='([^']*)'$`)
	assignment := regexp.MustCompile(`^(# )?[A-Z][A-Z0-9_]*=`)
	var heading, comment string
	said := &comment // where a comment goes on
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		match := quoted.FindStringSubmatch(line)
		switch {
		case match != nil:
			list = append(list, entry{name: match[1], value: match[2], heading: heading, comment: comment})
			said = nil
		case !strings.HasPrefix(line, "#") && line != "" || assignment.MatchString(line):
			t.Errorf("%q has no single quotes", line)
		case strings.HasPrefix(line, "# --- "):
			heading, said = strings.TrimPrefix(line, "# --- "), &heading
		case line == "":
			said = nil
		default:
			if said == nil {
				comment, said = "", &comment
			}
			*said += " " + strings.Trim(line, "# ")
		}
	}
	return list
}

func TestTheExampleNamesEveryVariableOnceAndNoOther(t *testing.T) {
	var named, table []string
	for _, e := range entries(t) {
		named = append(named, e.name)
	}
	for _, v := range slices.Concat(Variables, AlsoHonoured) {
		table = append(table, v.Name)
	}
	slices.Sort(named)
	slices.Sort(table)
	if !slices.Equal(named, table) {
		t.Errorf("the example has\n%q\nthe table\n%q", named, table)
	}
}

func TestTheExampleShowsEveryDefaultOrSaysThatThereIsNone(t *testing.T) {
	for _, e := range entries(t) {
		all := slices.Concat(Variables, AlsoHonoured)
		i := slices.IndexFunc(all, func(v Variable) bool { return v.Name == e.name })
		if i < 0 {
			continue // told by the test above
		}
		v := all[i]
		if group := cmp.Or(v.Group, "Also honoured"); !strings.HasPrefix(e.heading, group) {
			t.Errorf("%s stands under %q, not under %s", e.name, e.heading, group)
		}
		if said := strings.ToLower(e.comment + " " + e.heading); e.value == v.Default && e.value != "" {
			continue
		} else if !strings.Contains(said, "default") || !strings.Contains(said, strings.ToLower(v.Default)) {
			t.Errorf("%s='%s', and no comment says that the default is %q", e.name, e.value, v.Default)
		}
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
	if want := len(Variables) + len(AlsoHonoured); len(values) != want {
		t.Errorf("%d variables, want %d", len(values), want)
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
	for _, v := range AlsoHonoured {
		if v.Group != "" || v.LocalDefault != "" || v.Description == "" || strings.HasSuffix(v.Description, ".") || names[v.Name] {
			t.Errorf("%s is there twice, or is described wrongly", v.Name)
		}
		names[v.Name] = true
	}
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

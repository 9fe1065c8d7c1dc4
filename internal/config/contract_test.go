package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestTheContractStands: these names and defaults are promised to users and stay, whatever else comes.
func TestTheContractStands(t *testing.T) {
	for _, want := range []struct{ name, value, local string }{
		{"PORT", "80", "5000"},
		{"MLFLOW_HOST", "0.0.0.0", "127.0.0.1"},
		{"MLFLOW_DATA_DIR", ".", "./mlflow-data"},
		{"MLFLOW_ARTIFACT_URI", "./mlruns", "./mlflow-data/mlruns"},
		{"MLFLOW_BACKEND_URI", "", ""},
		{"DATABASE_URL", "", ""},
		{"MLFLOW_DB_DIALECT", "postgresql", ""},
		{"MLFLOW_DB_USERNAME", "mlflow", ""},
		{"MLFLOW_DB_PASSWORD", "mlflow", ""},
		{"MLFLOW_DB_DATABASE", "mlflow", ""},
		{"MLFLOW_DB_HOST", "", ""},
		{"MLFLOW_DB_PORT", "3306, postgresql: 5432, mssql: 1433", ""},
		{"MLFLOW_TRACKING_USERNAME", "mlflow", ""},
		{"MLFLOW_TRACKING_PASSWORD", "mlflow", ""},
		{"MLFLOW_ALLOW_DEFAULT_LOGIN", "false", ""},
	} {
		i := slices.IndexFunc(Variables, func(v Variable) bool { return v.Name == want.name })
		if i < 0 {
			t.Errorf("%s is gone", want.name)
		} else if v := Variables[i]; v.Default != want.value || v.LocalDefault != want.local {
			t.Errorf("the default of %s is %q, for local %q", v.Name, v.Default, v.LocalDefault)
		}
	}
}

// platform are variables that nobody sets by hand: Heroku's.
var platform = []string{"DYNO", "HEROKU_APP_DEFAULT_DOMAIN_NAME"}

// TestNoVariableIsReadInSecret looks for names of variables in the source of what reads them: this package, and the Python
// in MLflow's processes.
func TestNoVariableIsReadInSecret(t *testing.T) {
	known := map[string]bool{}
	for _, v := range slices.Concat(Variables, AlsoHonoured) {
		known[v.Name] = true
	}
	for _, name := range platform {
		known[name] = true
	}
	read := namesInGo(t)
	for _, name := range namesInPython(t) {
		if !strings.HasPrefix(name, "_MLFLOW_") { // from the launcher
			read = append(read, name)
		}
	}
	if len(read) < len(Variables)/2 {
		t.Fatalf("only %d names were found", len(read))
	}
	for _, name := range read {
		// Some are put together from a beginning and the rest.
		whole := known[name] || strings.HasSuffix(name, "_") && slices.ContainsFunc(AlsoHonoured, func(v Variable) bool { return strings.HasPrefix(v.Name, name) })
		if !whole {
			t.Errorf("%s is read, and told to nobody", name)
		}
	}
}

// namesInGo are the texts in this package that look like a variable's name, the tables themselves excepted.
func namesInGo(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	looksLikeOne := regexp.MustCompile(`^([A-Z][A-Z0-9]*_[A-Z0-9_]+|PORT|DYNO|PGSSL[A-Z]+)$`)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "variables.go" || name == "alsohonoured.go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil && looksLikeOne.MatchString(text) && !slices.Contains(names, text) {
					names = append(names, text)
				}
			}
			return true
		})
	}
	return names
}

func namesInPython(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../tracking/mlflow_serve/*.py")
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no Python (%v)", err)
	}
	reads := regexp.MustCompile(`environ(?:\.get\(|\[)f?"([A-Z_][A-Z0-9_]*)`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range reads.FindAllStringSubmatch(string(text), -1) {
			names = append(names, match[1])
		}
	}
	return names
}

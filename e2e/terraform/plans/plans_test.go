package plans_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/terraform/cloud"
	"mlflow-server/internal/config"
)

func TestEveryFileIsFormatted(t *testing.T) {
	tf := cloud.Root(t, nil)
	if printed, err := tf.Run("fmt", "-check", "-recursive"); err != nil {
		t.Errorf("terraform fmt would change (%v):\n%s", err, printed)
	}
	tf.Must("validate")
}

func TestTheExamplesAreValid(t *testing.T) {
	tf := cloud.Root(t, nil)
	examples, err := filepath.Glob(filepath.Join(tf.Dir, "examples", "*"))
	if err != nil || len(examples) != 4 {
		t.Fatalf("%d examples (%v)", len(examples), err)
	}
	for _, dir := range examples {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			example := tf.In(t, dir)
			example.Must("init", "-input=false")
			example.Must("validate")
		})
	}
}

func TestTheConfigurationsOwnTestsPass(t *testing.T) {
	tf := cloud.Root(t, nil)
	printed, err := tf.Run("test")
	if err != nil {
		t.Fatalf("terraform test: %v\n%s", err, harness.Tail(printed, 80))
	}
	cloud.CheckFigure(t, "Plans of `terraform test` without an account", cloud.Counted(t, printed))
}

var (
	declared = regexp.MustCompile(`(?m)^(variable|output) "([a-z0-9_]+)" \{`)
	typed    = regexp.MustCompile(`(?m)^  (description|type|value) +=`)
)

func TestEveryVariableAndOutputIsDescribed(t *testing.T) {
	root := filepath.Join(cloud.Repository(t), "terraform")
	modules, err := filepath.Glob(filepath.Join(root, "modules", "*"))
	if err != nil || len(modules) == 0 {
		t.Fatalf("no modules (%v)", err)
	}
	for _, dir := range append(modules, root) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			readme := read(t, filepath.Join(dir, "README.md"))
			for _, file := range []string{"variables.tf", "outputs.tf"} {
				text := read(t, filepath.Join(dir, file))
				for i, at := range declared.FindAllStringSubmatchIndex(text, -1) {
					kind, name := text[at[2]:at[3]], text[at[4]:at[5]]
					if !strings.Contains(readme, fmt.Sprintf("| `%s` |", name)) {
						t.Errorf("README.md does not name %s %s", kind, name)
					}
					body, _, _ := strings.Cut(text[at[1]:], "\n}")
					if len(typed.FindAllString(body, 2)) < 2 {
						t.Errorf("%s %d, %s, has no description, or no type or value", kind, i, name)
					}
				}
			}
		})
	}
}

// TestEverySecretVariableIsRefusedInPlainSight holds the list in service_environment's validation to the variables that are secret.
func TestEverySecretVariableIsRefusedInPlainSight(t *testing.T) {
	text := read(t, filepath.Join(cloud.Repository(t), "terraform", "variables.tf"))
	_, text, _ = strings.Cut(text, `setintersection(keys(var.service_environment), [`)
	list, _, found := strings.Cut(text, "])")
	if !found {
		t.Fatal("service_environment refuses no list of names")
	}
	for _, v := range config.Variables {
		if v.Secret && !strings.Contains(list, `"`+v.Name+`"`) {
			t.Errorf("service_environment takes %s, which is secret", v.Name)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

package connect

import (
	"os/exec"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// hostile names break out of careless quotes in Python, shells or YAML.
var hostile = []string{"mlflow", `an"n`, "o'neill", `back\slash`, "$(touch x)", "`id`", "größe", "a b", "# no comment", "x: y"}

func TestShellLinesSurviveEveryName(t *testing.T) {
	for _, name := range hostile {
		script := strings.Join(strings.SplitAfter(Login{URL: "https://h/'x'", User: name}.Shell(), "\n")[:2], "") + `printf '%s|%s' "$MLFLOW_TRACKING_USERNAME" "$MLFLOW_TRACKING_URI"`
		out, err := exec.CommandContext(t.Context(), "bash", "-c", script).CombinedOutput()
		if err != nil || string(out) != name+"|https://h/'x'" {
			t.Errorf("%q became %q (%v)", name, out, err)
		}
	}
}

func TestTheShellAsksForThePassword(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "bash", "-c", Login{URL: "https://h", User: "u"}.Shell()+`bash -c 'printf %s "$MLFLOW_TRACKING_PASSWORD"'`)
	cmd.Stdin = strings.NewReader("p w\\d\n")
	out, err := cmd.Output()
	if err != nil || !strings.HasSuffix(string(out), `p w\d`) {
		t.Errorf("got %q (%v)", out, err)
	}
}

func TestTheStepOfCIIsYAML(t *testing.T) {
	for _, url := range []string{"https://h", "https://h/'x': #y"} {
		var step struct{ Env map[string]string }
		if err := yaml.Unmarshal([]byte(Login{URL: url, User: "u"}.CI()), &step); err != nil || step.Env["MLFLOW_TRACKING_URI"] != url {
			t.Errorf("%q became %v (%v)", url, step, err)
		}
	}
}

func TestPythonQuotesNamesAndKnowsOnlyTheDefaultPassword(t *testing.T) {
	python := Login{URL: "https://h", User: `an"n`}.Python()
	if !strings.Contains(python, `"MLFLOW_TRACKING_USERNAME"] = "an\"n"`) || !strings.Contains(python, `PASSWORD"] = "…"`) {
		t.Error(python)
	}
	if python := (Login{URL: "https://h", User: "mlflow", Default: true}).Python(); !strings.Contains(python, `PASSWORD"] = "mlflow"`) {
		t.Error(python)
	}
}

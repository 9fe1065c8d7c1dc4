package buildpack

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestDetectPassesForAppsThatAskForMLflow(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  bool
	}{
		{"this repository", map[string]string{"go.mod": "module mlflow-server\n\ngo 1.26.0\n", "cmd/mlflow-server/main.go": ""}, true},
		{"another Go module", map[string]string{"go.mod": "module mlflow-server-clone\n", "cmd/mlflow-server/main.go": ""}, false},
		{"this module without its command", map[string]string{"go.mod": "module mlflow-server\n"}, false},
		{"a Procfile that runs the server", map[string]string{"Procfile": "worker: true\nweb: bin/mlflow-server serve\n"}, true},
		{"a Procfile that runs it through another program", map[string]string{"Procfile": "web: env A=1 mlflow-server serve"}, true},
		{"a Procfile that runs something of a similar name", map[string]string{"Procfile": "web: bin/my-mlflow-server-2 serve\n"}, false},
		{"a Procfile with the name in a comment", map[string]string{"Procfile": "# mlflow-server\nweb: bin/other\n"}, false},
		{"requirements that pin mlflow", map[string]string{"requirements.txt": "tabulate\nmlflow==3.17.2\n"}, true},
		{"requirements with Windows line ends", map[string]string{"requirements.txt": "mlflow==3.17.2\r\n"}, true},
		{"requirements with mlflow and a comment", map[string]string{"requirements.txt": "MLflow  # the server\n"}, true},
		{"requirements with any mlflow", map[string]string{"requirements.txt": "mlflow"}, true},
		{"requirements with a client of mlflow", map[string]string{"requirements.txt": "mlflow-skinny==3.17.2\n"}, false},
		{"requirements with mlflow in a comment", map[string]string{"requirements.txt": "# mlflow==3\nflask\n"}, false},
		{"an app of another kind", map[string]string{"package.json": "{}"}, false},
		{"nothing at all", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			app := filepath.Join(t.TempDir(), "an app")
			if err := os.Mkdir(app, 0o755); err != nil {
				t.Fatal(err)
			}
			for name, text := range test.files {
				writeFile(t, filepath.Join(app, name), text)
			}
			_, err := Detect(app)
			if (err == nil) != test.want {
				t.Errorf("Detect says %v", err)
			}
			stdout, stderr, code := script(t, "detect", app)
			switch {
			case test.want && (code != 0 || stdout != Name+"\n" || stderr != ""):
				t.Errorf("bin/detect ended with %d, printed %q and %q", code, stdout, stderr)
			case !test.want && (code != 1 || stdout != "" || !strings.Contains(stderr, "Looked for")):
				t.Errorf("bin/detect ended with %d, printed %q and %q", code, stdout, stderr)
			}
			for name := range test.files {
				if top, _, _ := strings.Cut(name, "/"); !test.want && !strings.Contains(stderr, top) {
					t.Errorf("bin/detect does not say that it found %s: %s", top, stderr)
				}
			}
		})
	}
}

// script runs one of the scripts in bin with nothing but the system's programs.
func script(t *testing.T, name string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join("..", "bin", name), args...)
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

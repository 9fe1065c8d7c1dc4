package peer

import (
	"strings"
	"testing"

	"mlflow-server/internal/provision"
)

func TestThePeerIsTheLockedMLflowAsPeopleInstallIt(t *testing.T) {
	if got, want := versionOf("mlflow"), provision.LockedMLflowVersion(); got != want {
		t.Errorf("mlflow %s beside %s: run \"go generate ./bench/peer\"", got, want)
	}
	for _, name := range []string{"pyarrow", "scipy", "scikit-learn", "matplotlib", "huey", "gunicorn", "flask-wtf", "uvicorn"} {
		if versionOf(name) == "" {
			t.Errorf("%s is missing", name)
		}
	}
	// "pip install mlflow" brings neither, which is part of what is compared.
	for _, name := range []string{"uvloop", "httptools"} {
		if versionOf(name) != "" {
			t.Errorf("%s should not be there", name)
		}
	}
}

func TestEveryPinHasAHash(t *testing.T) {
	lines := strings.Split(requirements, "\n")
	for i, line := range lines {
		if pinned.MatchString(line) && !strings.Contains(lines[i+1], "--hash=sha256:") {
			t.Errorf("line %d has none: %s", i+1, line)
		}
		if strings.Contains(line, "://") {
			t.Errorf("line %d names a place: %s", i+1, line)
		}
	}
}

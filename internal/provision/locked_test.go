package provision

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheLockIsWholeAndNamesNoPlace(t *testing.T) {
	for name, text := range map[string]string{"requirements.txt": lockRequirements, "uv.txt": lockUV} {
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			if strings.Contains(line, "://") || strings.HasPrefix(line, "-") || strings.Contains(line, " @ ") {
				t.Errorf("%s:%d names a place: %s", name, i+1, line)
			}
			if pinned.MatchString(line) && (i+1 == len(lines) || !strings.Contains(lines[i+1], "--hash=sha256:")) {
				t.Errorf("%s:%d has no hash: %s", name, i+1, line)
			}
		}
	}
}

func TestTheLockHoldsWhatAServerNeedsAndNoMore(t *testing.T) {
	for _, name := range []string{
		"mlflow", "mlflow-skinny", "psycopg", "psycopg-binary", "pymysql", "boto3", "uvicorn", "httptools", "uvloop", "sqlalchemy",
	} {
		if versionIn(lockRequirements, name) == "" {
			t.Errorf("%s is missing", name)
		}
	}
	left := strings.Fields(removeComments(lockExcludes))
	if len(left) < 9 {
		t.Errorf("only %q are left out", left)
	}
	for _, name := range append(left, "watchfiles", "websockets") {
		if versionIn(lockRequirements, name) != "" {
			t.Errorf("%s is in it", name)
		}
	}
}

func TestTheLockHasTheMLflowThatItsInputsAskFor(t *testing.T) {
	if !slices.Contains(strings.Split(lockInputs, "\n"), "mlflow=="+LockedMLflowVersion()) {
		t.Errorf("the lock has MLflow %q, its inputs are\n%s", LockedMLflowVersion(), lockInputs)
	}
}

func TestCommentsDoNotChangeTheHashOfALock(t *testing.T) {
	a := hashOf("mlflow==3.17.2 \\\n    --hash=sha256:00\n    # via -r requirements.in\n")
	b := hashOf("# a head\nmlflow==3.17.2 \\\n    --hash=sha256:00\n")
	c := hashOf("mlflow==3.17.3 \\\n    --hash=sha256:00\n")
	if a != b || a == c {
		t.Errorf("hashes %s, %s and %s", a, b, c)
	}
	if hashOf("a", "b") == hashOf("a\nb") || hashOf("a", "") == hashOf("", "a") {
		t.Error("what is asked for and what is left out are mixed up")
	}
}

func TestThePinsAreWhole(t *testing.T) {
	pins := DefaultPins()
	if got := versionIn(lockUV, "uv"); got != pins.UV.Version {
		t.Errorf("lock/uv.txt has uv %s, pins.json %s", got, pins.UV.Version)
	}
	if compareVersions(pins.UV.Version, pins.UV.Minimum) < 0 || compareVersions(pins.Python.Managed, pins.Python.Minimum) < 0 ||
		compareVersions(pins.Python.Managed, pins.Python.Below) >= 0 {
		t.Errorf("a pinned version is outside its own limits: %+v", pins)
	}
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		archive := pins.UV.Archives[platform]
		if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(archive.SHA256) {
			t.Errorf("uv for %s has the checksum %q", platform, archive.SHA256)
		}
		address := pins.archiveURL(archive)
		if !strings.HasPrefix(address, "https://") || strings.Contains(address, "{") || !strings.Contains(address, pins.UV.Version) {
			t.Errorf("uv for %s comes from %s", platform, address)
		}
	}
}

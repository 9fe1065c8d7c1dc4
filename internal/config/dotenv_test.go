package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func writeDotenv(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheEnvironmentWinsOverDotenv(t *testing.T) {
	dir := writeDotenv(t, "CONFIG_TEST_A='file'\nexport CONFIG_TEST_B='$2b$12$x # y'\nCONFIG_TEST_C='file'\n# a comment\n")
	t.Setenv("CONFIG_TEST_A", "process")
	t.Setenv("CONFIG_TEST_C", "")
	environ, err := Environ(dir)
	if err != nil {
		t.Fatal(err)
	}
	lookup := LookupIn(environ)
	for name, want := range map[string]string{"CONFIG_TEST_A": "process", "CONFIG_TEST_B": "$2b$12$x # y", "CONFIG_TEST_C": ""} {
		if got, ok := lookup(name); got != want || !ok {
			t.Errorf("%s: got %q, %v, want %q", name, got, ok, want)
		}
	}
	if got, ok := lookup("CONFIG_TEST_D"); got != "" || ok {
		t.Errorf("got %q, %v for what is set nowhere", got, ok)
	}
	if _, ok := os.LookupEnv("CONFIG_TEST_B"); ok {
		t.Error("the process environment was changed")
	}
}

func TestProgramsGetWhatOnlyDotenvSets(t *testing.T) {
	dir := writeDotenv(t, "CONFIG_TEST_A='file'\nCONFIG_TEST_B='file'\n")
	t.Setenv("CONFIG_TEST_A", "process")
	environ, err := Environ(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(environ, "CONFIG_TEST_A=process") || !slices.Contains(environ, "CONFIG_TEST_B=file") ||
		slices.Contains(environ, "CONFIG_TEST_A=file") {
		t.Error("the environment is not the process's own, completed by the file")
	}
}

func TestWithoutDotenvTheEnvironmentIsEnough(t *testing.T) {
	if _, err := Environ(t.TempDir()); err != nil {
		t.Error(err)
	}
}

func TestTheFirstOfTwoEqualNamesCounts(t *testing.T) {
	if got, _ := LookupIn([]string{"A=1", "A=2", "B", "=C:=x"})("A"); got != "1" {
		t.Errorf("got %q", got)
	}
}

func TestABadDotenvIsReportedByLineWithoutItsText(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no equals sign":         {"A='1'\n\nhunter2\nB='2'\n", ".env: line 3 is not NAME='value'"},
		"no equals sign, at end": {"A='1'\nhunter2", ".env: line 2 is not NAME='value'"},
		"no name":                {"='hunter2'\n", ".env: line 1 is not NAME='value'"},
		"a space in the name":    {"A='1'\nB C='hunter2'\n", ".env: line 2 is not NAME='value'"},
		"a hyphen in the name":   {"# c\nA='1'\n\n# c\nhunter-2=x\n", ".env: line 5 is not NAME='value'"},
		"a quote left open":      {"A='1'\nB='hunter2\nC=3\n", ".env: line 2 is not NAME='value'"},
		"a backslash at the end": {"A='1'\nB='hunter2\\'\nC=3\n", ".env: line 2 is not NAME='value'"},
		"a quote closed later":   {"A='hunter2\nB='2'\n", ".env: line 1 is not NAME='value'"},
		"after several lines":    {"A='1\n2\n3'\nB hunter2\n", ".env: line 4 is not NAME='value'"},
		"text after the quotes":  {"A='1'hunter2\nB='2'\n", ".env: line 1 is not NAME='value'"},
		"too long":               {"# " + strings.Repeat("hunter2", maxDotenv/7) + "\n", ".env: is larger than 262144 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Environ(writeDotenv(t, c.text))
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestADotenvThatCannotBeReadIsReported(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".env"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Environ(dir); err == nil || !strings.HasPrefix(err.Error(), ".env: cannot be read: ") {
		t.Errorf("got %v", err)
	}
}

package buildpack

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWhatAnAppAsksForIsRead(t *testing.T) {
	for _, test := range []struct {
		name         string
		settings     Settings
		requirements string
		mlflow       string
		extras       []string
	}{
		{"nothing special", nil, "", "", nil},
		{"another version", Settings{versionSetting: "3.16.1"}, "", "3.16.1", nil},
		{"a version with spaces around it", Settings{versionSetting: " 3.16.1\n"}, "", "3.16.1", nil},
		{"extra packages", Settings{extrasSetting: "tabulate==0.9.0 mysqlclient>=2,<3\nfoo[bar]"}, "", "",
			[]string{"tabulate==0.9.0", "mysqlclient>=2,<3", "foo[bar]"}},
		{"a requirements file", nil, "# ours\nmlflow==3.16.1\n\ntabulate == 0.9  # tables\nmlflow-skinny==3.16.1\n", "3.16.1",
			[]string{"tabulate == 0.9  # tables", "mlflow-skinny==3.16.1"}},
		{"a requirements file with Windows line ends", nil, "mlflow==3.17.2\r\ntabulate\r\n", "3.17.2", []string{"tabulate"}},
		{"mlflow without a version", nil, "mlflow  # any\n", "", nil},
		{"both, alike", Settings{versionSetting: "3.16.1"}, "mlflow == 3.16.1 ; python_version > '3'", "3.16.1", nil},
		{"extras from both", Settings{extrasSetting: "a"}, "b\n", "", []string{"a", "b"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			app := t.TempDir()
			if test.requirements != "" {
				writeFile(t, filepath.Join(app, "requirements.txt"), test.requirements)
			}
			got, err := wants(app, test.settings)
			if err != nil {
				t.Fatal(err.(*Failure).Lines)
			}
			if got.mlflow != test.mlflow || !slices.Equal(got.extras, test.extras) {
				t.Errorf("it wants %q with %q", got.mlflow, got.extras)
			}
		})
	}
}

func TestEverythingThatCannotBeUsedIsSaidAtOnce(t *testing.T) {
	for _, test := range []struct {
		name         string
		settings     Settings
		requirements string
		want         []string
	}{
		{"no version", Settings{versionSetting: "latest"}, "", []string{`MLFLOW_VERSION is "latest", which is not a version such as 3.`}},
		{"a range of versions", Settings{versionSetting: ">=3"}, "", []string{`MLFLOW_VERSION is ">=3"`}},
		{"two versions", Settings{versionSetting: "3.16.1"}, "mlflow==3.17.2\n", []string{"MLFLOW_VERSION is 3.16.1, but requirements.txt pins mlflow==3.17.2"}},
		{"mlflow among the extras", Settings{extrasSetting: "mlflow==3.16.1"}, "", []string{"MLflow's version is set with MLFLOW_VERSION"}},
		{"requirements with spaces", Settings{extrasSetting: "tabulate >= 0.9"}, "", []string{`MLFLOW_EXTRAS has ">=", which is not a requirement`}},
		{"a range of mlflow", nil, "mlflow>=3\n", []string{`requirements.txt has "mlflow>=3", but MLflow's own line is`}},
		{"extras of mlflow", nil, "mlflow[genai]==3.17.2\n", []string{`requirements.txt has "mlflow[genai]==3.17.2", but`}},
		{"another file", nil, "-r base.txt\n", []string{"other files are not read"}},
		{"an index", nil, "--index-url https://example.com\n", []string{"UV_DEFAULT_INDEX"}},
		{"an editable package", nil, "-e .\n", []string{"options of pip are not supported"}},
		{"a directory", nil, "./package\n", []string{"from an index, not from a directory"}},
		{"hashes", nil, "tabulate==0.9 \\\n    --hash=sha256:00\n", []string{`"tabulate==0.9 \", but options of pip`, `"--hash=sha256:00", but options of pip`}},
		{"a login in an address", Settings{extrasSetting: "ours@https://user:token@example.com/ours.whl"}, "", []string{"would end up in the slug"}},
		{"a version with known holes", Settings{versionSetting: "2.9.2"}, "", []string{"MLFLOW_VERSION is 2.9.2, older than 3.16.1: versions before that have published"}},
		{"a pin with known holes", nil, "mlflow==3.16.0\n", []string{`requirements.txt has "mlflow==3.16.0", which is older than 3.16.1`}},
		{"what only the installation would find", Settings{versionSetting: "x", extrasSetting: "a,b"}, "c:d\n",
			[]string{"MLFLOW_VERSION", `MLFLOW_EXTRAS has "a,b", which is not a requirement`, `requirements.txt has "c:d", which is not a requirement`}},
		{"several", Settings{versionSetting: "x", extrasSetting: "-e /"}, "@\n", []string{"MLFLOW_VERSION", `MLFLOW_EXTRAS has "-e"`, `MLFLOW_EXTRAS has "/"`, `requirements.txt has "@"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			app := t.TempDir()
			if test.requirements != "" {
				writeFile(t, filepath.Join(app, "requirements.txt"), test.requirements)
			}
			_, err := wants(app, test.settings)
			var f *Failure
			if !errors.As(err, &f) {
				t.Fatalf("the error is %v", err)
			}
			for _, line := range f.Lines {
				if len([]rune(line)) > blockWidth {
					t.Errorf("%q is too long for a terminal", line)
				}
			}
			text := strings.Join(f.Lines, " ")
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			if f.Key != "setting" {
				t.Errorf("its key is %s", f.Key)
			}
		})
	}
}

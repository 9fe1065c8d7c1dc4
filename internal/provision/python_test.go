package provision

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// answer is a Python that says this of itself.
func answer(implementation, version string, more string) string {
	return fmt.Sprintf("#!/bin/sh\necho '%s'\n", `{"implementation": "`+implementation+`", "version": "`+version+
		`", "final": true, "bits": 64, "executable": "/opt/python", "missing": []`+more+`}`)
}

func TestTheFirstPythonOnPATHThatFitsIsTaken(t *testing.T) {
	for name, c := range map[string]struct {
		programs map[string]string
		want     string // version, "" for none
		refusal  string
	}{
		"what the user calls python3": {map[string]string{"python3": answer("CPython", "3.10.2", ""), "python3.13": answer("CPython", "3.13.1", "")}, "3.10.2", ""},
		"a newer one when python3 is too old": {map[string]string{
			"python3": answer("CPython", "3.9.18", ""), "python3.12": answer("CPython", "3.12.1", ""),
		}, "3.12.1", ""},
		"the next when one is a shim without a Python": {map[string]string{
			"python3": "#!/bin/sh\necho 'pyenv: python3: command not found' >&2; exit 127\n", "python3.11": answer("CPython", "3.11.9", ""),
		}, "3.11.9", ""},
		"none that is not CPython":         {map[string]string{"python3": answer("PyPy", "3.11.9", "")}, "", "it is PyPy, not CPython"},
		"none that is too new":             {map[string]string{"python3": answer("CPython", "3.15.0", "")}, "", "it is 3.15.0, for which the locked packages have no builds"},
		"none that is not released":        {map[string]string{"python3": answer("CPython", "3.14.0", `, "final": false`)}, "", "no builds"},
		"none of 32 bits":                  {map[string]string{"python3": answer("CPython", "3.11.2", `, "bits": 32`)}, "", "it is a 32-bit build"},
		"none without the GIL":             {map[string]string{"python3": answer("CPython", "3.14.1", `, "free_threaded": true`)}, "", "free-threaded"},
		"none without SQLite":              {map[string]string{"python3": answer("CPython", "3.11.2", `, "missing": ["sqlite3", "ssl"]`)}, "", "it was built without sqlite3, ssl"},
		"none that says something else":    {map[string]string{"python3": "#!/bin/sh\necho hello\n"}, "", "it does not answer like a Python"},
		"none that cannot be started":      {map[string]string{"python3": "\x7fELF"}, "", "python3: "},
		"none where there is none at all":  {nil, "", "there is no Python on PATH"},
		"none from the working directory ": {map[string]string{"../python3": answer("CPython", "3.11.2", "")}, "", "there is no Python on PATH"},
	} {
		t.Run(name, func(t *testing.T) {
			bin := filepath.Join(t.TempDir(), "bin")
			for program, text := range c.programs {
				writeFile(t, filepath.Join(bin, program), text, 0o755)
			}
			p, err := systemPython(t.Context(), DefaultPins(), []string{"PATH=.:" + bin})
			if p.Version != c.want || (err == nil) != (c.want != "") {
				t.Errorf("took %q, %v", p.Version, err)
			}
			if err != nil && !strings.Contains(err.Error(), c.refusal) {
				t.Errorf("refused with %v, want %q", err, c.refusal)
			}
		})
	}
}

func TestARealPythonSaysWhereItStays(t *testing.T) {
	path := realPython(t)
	venv := filepath.Join(t.TempDir(), "venv")
	if out, err := exec.CommandContext(t.Context(), path, "-I", "-m", "venv", "--without-pip", venv).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p, err := probe(t.Context(), filepath.Join(venv, "bin", "python"), os.Environ())
	if err != nil || p.unsuitable(DefaultPins()) != nil || p.Executable != path {
		t.Errorf("in a virtual environment it says %+v, %v; its base is %s", p, err, path)
	}
}

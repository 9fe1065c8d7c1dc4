package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheDataDirectoryIsMadeAndAbsolute(t *testing.T) {
	c := mustLoad(t, Serve, map[string]string{"MLFLOW_DATA_DIR": "a/./b c/../%41?#ü"})
	want := filepath.Join(workingDirectory(t), "a", "%41?#ü")
	if c.DataDir != want {
		t.Errorf("got %s, want %s", c.DataDir, want)
	}
	if entries, err := os.ReadDir(want); err != nil || len(entries) != 0 {
		t.Errorf("%v %v", entries, err)
	}
}

func TestDataDirectoriesThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dangling := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("/proc/none", dangling); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ dir, want string }{
		"a file":                {file, file + " is not a directory"},
		"below a file":          {file + "/a/b", file + " is not a directory"},
		"a null device":         {os.DevNull, os.DevNull + " is not a directory"},
		"a name that is longer": {strings.Repeat("x", 300), "the directory cannot be made"},
		"a dangling link":       {dangling, "the directory cannot be made"},
	}
	if _, err := os.Stat("/proc/self"); err == nil { // root, too, cannot write there
		cases["missing, where nothing can be made"] = struct{ dir, want string }{"/proc/mlflow", "the directory cannot be made"}
		cases["there, but unwritable"] = struct{ dir, want string }{"/proc", "the directory /proc cannot be written to"}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if line := mustReject(t, map[string]string{"MLFLOW_DATA_DIR": c.dir}); !strings.HasPrefix(line, "MLFLOW_DATA_DIR: "+c.want) {
				t.Errorf("got %s", line)
			}
		})
	}
}

func TestAnUnwritableDataDirectoryIsReportedToOthersThanRoot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err := load(t, Serve, map[string]string{"MLFLOW_DATA_DIR": dir})
	if os.Geteuid() == 0 {
		if err != nil {
			t.Errorf("root can write everywhere: %v", err)
		}
	} else if err == nil || !strings.HasPrefix(err.Error(), "MLFLOW_DATA_DIR: ") {
		t.Errorf("got %v", err)
	}
}

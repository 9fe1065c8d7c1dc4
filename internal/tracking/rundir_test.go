package tracking

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestARunDirectoryIsPrivateAndGoesAway(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir, err := newRunDir(4)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir.path)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, error %v, want 0700", info.Mode(), err)
	}
	path, err := dir.writeProgram()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, filepath.Join(filepath.Dir(path), "mlflow_serve", "__init__.py")} {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
	dir.remove()
	if _, err := os.Stat(dir.path); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestWhatAKilledLauncherLeftIsRemovedAndNothingElse(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	held, err := newRunDir(1)
	if err != nil {
		t.Fatal(err)
	}
	defer held.remove()
	stale, err := newRunDir(1)
	if err != nil {
		t.Fatal(err)
	}
	_ = stale.lock.Close() // what a kill does
	beingMade := filepath.Join(parent, runDirPrefix+"1")
	other := filepath.Join(parent, "other")
	for _, dir := range []string{beingMade, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	precious := t.TempDir()
	if err := os.WriteFile(filepath.Join(precious, lockName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(parent, runDirPrefix+"link")
	if err := os.Symlink(precious, link); err != nil {
		t.Fatal(err)
	}
	next, err := newRunDir(1)
	if err != nil {
		t.Fatal(err)
	}
	defer next.remove()
	for path, want := range map[string]bool{held.path: true, stale.path: false, beingMade: true, other: true, precious: true, link: true} {
		if _, err := os.Lstat(path); (err == nil) != want {
			t.Errorf("%s: there %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
}

func TestSocketPathsFitWhereTheTemporaryDirectoryIsDeep(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("d", 90))
	if err := os.Mkdir(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", deep)
	dir, err := newRunDir(64)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.remove()
	if filepath.Dir(dir.path) != "/tmp" {
		t.Errorf("made %s", dir.path)
	}
}

func TestAMissingTemporaryDirectoryIsReplaced(t *testing.T) {
	t.Setenv("TMPDIR", "/nowhere")
	dir, err := newRunDir(1)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.remove()
	if filepath.Dir(dir.path) != "/tmp" {
		t.Errorf("made %s", dir.path)
	}
}

// Many launchers start at once where there are many: none may take another's directory for a stale one.
func TestLaunchersThatStartAtOnceLeaveEachOtherAlone(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				d, err := newRunDir(1)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := os.Stat(filepath.Join(d.path, lockName)); err != nil {
					t.Errorf("the directory is gone: %v", err)
				}
				d.remove()
			}
		})
	}
	all.Wait()
}

package buildpack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/provision"
)

// aRuntime is a directory with what a runtime consists of: files, modes and links.
func aRuntime(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "runtime")
	writeFile(t, filepath.Join(dir, "python", "bin", "python3.13"), "program")
	writeFile(t, filepath.Join(dir, "site-packages", "größe", "a b.py"), strings.Repeat("x", 100_000))
	if err := os.Chmod(filepath.Join(dir, "python", "bin", "python3.13"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("python3.13", filepath.Join(dir, "python", "bin", "python")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestARuntimeComesBackFromTheCacheAsItWas(t *testing.T) {
	s, dir := store{dir: t.TempDir()}, aRuntime(t)
	if _, err := s.save(t.Context(), "key", dir); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "app", ".mlflow")
	if found, err := s.restore(t.Context(), "key", to); !found || err != nil {
		t.Fatalf("restored: %v, %v", found, err)
	}
	if got, want := tree(t, to), tree(t, dir); got != want {
		t.Errorf("it came back as\n%s\nand was\n%s", got, want)
	}
	if found, err := s.restore(t.Context(), "other", to); found || err != nil {
		t.Errorf("another key gives %v, %v", found, err)
	}
}

// tree lists names, modes, sizes and links.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		link, _ := os.Readlink(path)
		b.WriteString(strings.Join([]string{name, info.Mode().String(), link}, " "))
		if info.Mode().IsRegular() {
			text, _ := os.ReadFile(path)
			b.WriteString(" " + hexOf(text))
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestADamagedRuntimeIsDroppedAndNothingOfItUnpacked(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, file string){
		"a byte is another": func(t *testing.T, file string) {
			text, _ := os.ReadFile(file)
			text[len(text)/2] ^= 1
			writeFile(t, file, string(text))
		},
		"the end is missing":      func(t *testing.T, file string) { _ = os.Truncate(file, 1000) },
		"it is empty":             func(t *testing.T, file string) { _ = os.Truncate(file, 0) },
		"the checksum is missing": func(t *testing.T, file string) { _ = os.Remove(file + ".sum") },
		"the checksum is empty":   func(t *testing.T, file string) { writeFile(t, file+".sum", "") },
		"it is a directory":       func(t *testing.T, file string) { _ = os.Remove(file); _ = os.Mkdir(file, 0o755) },
	} {
		t.Run(name, func(t *testing.T) {
			s := store{dir: t.TempDir()}
			if _, err := s.save(t.Context(), "key", aRuntime(t)); err != nil {
				t.Fatal(err)
			}
			damage(t, s.runtimeFile("key"))
			to := filepath.Join(t.TempDir(), ".mlflow")
			if found, err := s.restore(t.Context(), "key", to); found || err == nil {
				t.Errorf("restored: %v, %v", found, err)
			}
			for _, path := range []string{to, s.runtimeFile("key")} {
				if _, err := os.Lstat(path); err == nil {
					t.Errorf("%s is still there", path)
				}
			}
			if found, err := s.restore(t.Context(), "key", to); found || err != nil {
				t.Errorf("the next time: %v, %v", found, err)
			}
		})
	}
}

func TestTheCacheKeepsOnlyWhatTheNextBuildUses(t *testing.T) {
	s := store{dir: t.TempDir()}
	for _, name := range []string{"uv/1.0-linux/uv", "uv/2.0-linux/uv", "uv/.partial-1/uv", "python/1-old.tar.gz", "python/0-new.tar.gz", "go-build/a"} {
		writeFile(t, filepath.Join(s.dir, name), "x")
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(filepath.Join(s.dir, "python/1-old.tar.gz"), yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	if _, err := s.save(t.Context(), "old", aRuntime(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.save(t.Context(), "new", aRuntime(t)); err != nil {
		t.Fatal(err)
	}
	if err := s.prune("2.0"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"uv/1.0-linux": false, "uv/2.0-linux/uv": true, "uv/.partial-1": false, "python/1-old.tar.gz": false,
		"python/0-new.tar.gz": true, "go-build/a": true, "runtime/old.tar": false, "runtime/old.tar.sum": false, "runtime/new.tar": true,
	} {
		if _, err := os.Stat(filepath.Join(s.dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheRuntimesKeyFollowsEverythingItDependsOn(t *testing.T) {
	key := func(stack string, o provision.Options) string {
		t.Helper()
		c := &compilation{Build: Build{Environ: []string{"STACK=" + stack}}}
		key, err := c.runtimeKey(o)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	newUV := provision.DefaultPins()
	newUV.UV.Version = "99.0"
	newPython := provision.DefaultPins()
	newPython.Python.Managed = "3.12"
	seen := map[string]string{}
	for name, k := range map[string]string{
		"as it is":        key("heroku-24", provision.Options{}),
		"another stack":   key("heroku-26", provision.Options{}),
		"another MLflow":  key("heroku-24", provision.Options{MLflowVersion: "3.16.1"}),
		"an extra":        key("heroku-24", provision.Options{Extras: []string{"tabulate"}}),
		"a pinned extra":  key("heroku-24", provision.Options{Extras: []string{"tabulate==0.9"}}),
		"another Python":  key("heroku-24", provision.Options{PythonVersion: "3.12.1"}),
		"a pinned Python": key("heroku-24", provision.Options{Pins: &newPython}),
		"another uv":      key("heroku-24", provision.Options{Pins: &newUV}),
	} {
		if other, ok := seen[k]; ok {
			t.Errorf("%s and %s have one key", name, other)
		}
		seen[k] = name
	}
	if key("heroku-24", provision.Options{Dir: "/a"}) != key("heroku-24", provision.Options{Dir: "/b", CacheDir: "/c"}) {
		t.Error("the key follows the directory of the build")
	}
}

func TestAnEmptyCacheNeedsNoPruning(t *testing.T) {
	if err := (store{dir: t.TempDir()}).prune("2.0"); err != nil {
		t.Error(err)
	}
}

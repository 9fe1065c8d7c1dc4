package provision

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestAnInstalledRuntimeIsTrimmedCompiledAndMovable(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "app", ".mlflow")
	var log notes
	r, err := Install(t.Context(), Options{Dir: dir, Environ: fakeUV(t), Progress: &log})
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	if !r.Locked || r.Dir != dir || r.Python != realPython(t) {
		t.Errorf("installed %+v", r)
	}
	for name, want := range map[string]bool{
		"site-packages/botocore/data/s3": true, "site-packages/botocore/data/endpoints.json": true,
		"site-packages/botocore/data/ec2": false, "site-packages/pandas/tests": false, "site-packages/bin": false, "bin/mlflow": true,
	} {
		if exists(filepath.Join(dir, name)) != want {
			t.Errorf("%s is there: %v", name, !want)
		}
	}
	if left := names(t, filepath.Dir(dir)); !slices.Equal(left, []string{".mlflow"}) {
		t.Errorf("beside it lie %q", left)
	}
	bytecode, _ := filepath.Glob(filepath.Join(dir, "site-packages/mlflow/__pycache__/version.*.pyc"))
	if len(bytecode) != 1 {
		t.Fatal("there is no bytecode")
	}
	if text := readFile(t, bytecode[0]); strings.Contains(text, filepath.Dir(dir)) || text[4] != 1 { // flag: by hash, unchecked (PEP 552)
		t.Errorf("the bytecode holds the path of its making, or goes by time: flags %d", text[4])
	}
	columns, err := exec.CommandContext(t.Context(), realPython(t), "-I", "-c", `import marshal, sys
code = marshal.loads(open(sys.argv[1], "rb").read()[16:])
print(sys.version_info >= (3, 11) and any(column is not None for _, _, column, _ in code.co_positions()))`, bytecode[0]).CombinedOutput()
	if err != nil || string(columns) != "False\n" {
		t.Errorf("the bytecode holds tables of columns: %s, %v", columns, err)
	}

	moved := filepath.Join(t.TempDir(), "other place")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(moved, "bin", "mlflow")).CombinedOutput()
	if err != nil || string(out) != "mlflow runs\n" {
		t.Errorf("bin/mlflow says %q, %v", out, err)
	}
}

func TestASecondInstallationDoesNothing(t *testing.T) {
	t.Parallel()
	uvLog := filepath.Join(t.TempDir(), "log")
	o := Options{Dir: filepath.Join(t.TempDir(), "r"), Environ: fakeUV(t, "FAKE_UV_LOG="+uvLog)}
	first, err := Install(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	before := readFile(t, uvLog)
	var log notes
	o.Environ, o.Progress = []string{"PATH=/nonexistent", "FAKE_UV_LOG=" + uvLog}, &log
	o.CacheDir = t.TempDir()
	if again, err := Install(t.Context(), o); err != nil || again != first || log.String() != "" || readFile(t, uvLog) != before {
		t.Errorf("got %+v, %v\n%s", again, err, &log)
	}
}

func TestTwoInstallationsAtOnceMakeOneRuntime(t *testing.T) {
	t.Parallel()
	uvLog, dir := filepath.Join(t.TempDir(), "log"), filepath.Join(t.TempDir(), "r")
	environ := fakeUV(t, "FAKE_UV_LOG="+uvLog)
	var logs [4]notes
	var results [4]Runtime
	var wait sync.WaitGroup
	for i := range logs {
		wait.Go(func() {
			var err error
			if results[i], err = Install(t.Context(), Options{Dir: dir, Environ: environ, Progress: &logs[i]}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := strings.Count(readFile(t, uvLog), "pip install"); n != 1 {
		t.Errorf("packages were installed %d times", n)
	}
	for i := range logs {
		if results[i] != results[0] {
			t.Errorf("one got %+v, another %+v", results[0], results[i])
		}
	}
	if left := names(t, filepath.Dir(dir)); !slices.Equal(left, []string{"r"}) {
		t.Errorf("it left %q", left)
	}
}

func TestAStoppedInstallationLeavesNothingAndTheNextOneWorks(t *testing.T) {
	t.Parallel()
	dir, pidFile := filepath.Join(t.TempDir(), "r"), filepath.Join(t.TempDir(), "pid")
	environ := fakeUV(t)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	var log notes
	go func() {
		_, err := Install(ctx, Options{Dir: dir, Environ: append(environ, "FAKE_UV_HANG="+pidFile), Progress: &log})
		failed <- err
	}()
	until(t, "uv", func() bool { return exists(pidFile) })

	// Another one waits meanwhile, says so, and gives up when it is told to.
	waiting, giveUp := context.WithCancel(t.Context())
	var other notes
	gone := make(chan error, 1)
	go func() {
		_, err := Install(waiting, Options{Dir: dir, Environ: environ, Progress: &other})
		gone <- err
	}()
	until(t, "the other's word", func() bool { return strings.Contains(other.String(), "another process is installing") })
	giveUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the waiting one ended with %v", err)
	}

	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if !strings.Contains(log.String(), "failed Installing MLflow") {
		t.Errorf("its log is\n%s", &log)
	}
	pid := strings.TrimSpace(readFile(t, pidFile))
	until(t, "the end of uv's child", func() bool { return !running(pid) })
	if left := names(t, filepath.Dir(dir)); len(left) > 0 {
		t.Errorf("it left %q", left)
	}
	if _, err := Install(t.Context(), Options{Dir: dir, Environ: environ}); err != nil {
		t.Error(err)
	}
}

// TestMain lets the test's program stand for another process that installs and is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PROVISION_TEST_INSTALL"); dir != "" {
		_, err := Install(context.Background(), Options{Dir: dir})
		_, _ = os.Stderr.WriteString("install: " + err.Error())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestWhatAKilledInstallationLeftIsRemoved(t *testing.T) {
	t.Parallel()
	dir, pidFile := filepath.Join(t.TempDir(), "r"), filepath.Join(t.TempDir(), "pid")
	environ := fakeUV(t)
	other := exec.Command(os.Args[0])
	other.Env = append(slices.Clone(environ), "PROVISION_TEST_INSTALL="+dir, "FAKE_UV_HANG="+pidFile)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "uv", func() bool { return exists(pidFile) })
	if err := errors.Join(other.Process.Kill(), onlyExit(other.Wait())); err != nil {
		t.Fatal(err)
	}
	// uv died with its parent; its own child is this test's to end.
	_ = exec.Command("kill", "-9", strings.TrimSpace(readFile(t, pidFile))).Run()
	if left := names(t, filepath.Dir(dir)); len(left) != 2 { // the unfinished runtime and the lock
		t.Errorf("the killed one left %q", left)
	}
	if _, err := open(dir); err == nil {
		t.Error("the unfinished runtime is taken for a whole one")
	}
	if _, err := Install(t.Context(), Options{Dir: dir, Environ: environ}); err != nil {
		t.Fatal(err)
	}
	if left := names(t, filepath.Dir(dir)); !slices.Equal(left, []string{"r"}) {
		t.Errorf("there are %q", left)
	}
}

func onlyExit(err error) error {
	if errors.As(err, new(*exec.ExitError)) {
		return nil
	}
	return err
}

func TestARuntimeThatCannotBeUsedIsReplaced(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "r")
	layRuntime(t, dir, func(r *record) { r.BaseHash = "0" })
	writeFile(t, filepath.Join(dir, "old"), "", 0o644)
	if _, err := Install(t.Context(), Options{Dir: dir, Environ: fakeUV(t)}); err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(dir, "old")) || !slices.Equal(names(t, filepath.Dir(dir)), []string{"r"}) {
		t.Errorf("there are %q", names(t, filepath.Dir(dir)))
	}
}

func TestExtraPackagesResolveBesideTheLock(t *testing.T) {
	t.Parallel()
	inputs := filepath.Join(t.TempDir(), "inputs")
	dir := filepath.Join(t.TempDir(), "r")
	o := Options{Dir: dir, Environ: fakeUV(t, "FAKE_UV_INPUTS="+inputs), Extras: []string{"tabulate @ https://me:secret@host/t.whl"}}
	r, err := Install(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Locked || r.LockHash == lockHash() {
		t.Errorf("installed %+v", r)
	}
	if text := readFile(t, inputs); !strings.Contains(text, "me:secret@host") || !strings.Contains(text, "scipy") {
		t.Errorf("uv resolved\n%s", text)
	}
	if text := readFile(t, filepath.Join(dir, "requirements.txt")); strings.Contains(text, "secret") ||
		!strings.Contains(text, "mlflow==3.17.2 \\\n    --hash=sha256:") {
		t.Errorf("it was installed from\n%s", text)
	}
	// An extra package may use any AWS service.
	if !exists(filepath.Join(dir, "site-packages/botocore/data/ec2")) {
		t.Error("AWS services were removed")
	}
	o.Extras = nil
	if other, err := Install(t.Context(), o); err != nil || other.LockHash != lockHash() {
		t.Errorf("without the extra package there is %+v, %v", other, err)
	}
}

// uv drops an excluded package whoever asks for it: one that a plugin needs must not be among those MLflow does without.
func TestAnExtraPackageGetsWhatItNeedsAndMLflowDoesWithout(t *testing.T) {
	t.Parallel()
	inputs := filepath.Join(t.TempDir(), "inputs")
	environ := fakeUV(t, "FAKE_UV_INPUTS="+inputs, `FAKE_UV_EXTRAS=some-plugin==1.0\nPyArrow==20.0.0 ; python_version >= "3.10"\n`)
	if _, err := Install(t.Context(), Options{Dir: filepath.Join(t.TempDir(), "r"), Environ: environ, Extras: []string{"some-plugin"}}); err != nil {
		t.Fatal(err)
	}
	if text := readFile(t, inputs); strings.Contains(text, "pyarrow") || !strings.Contains(text, "scipy") || !strings.Contains(text, "mlflow==") {
		t.Errorf("uv resolved\n%s", text)
	}
}

func TestARuntimeThatIsThereIsKnownToFit(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*record)
		want   bool
	}{
		"made by this version":          {nil, true},
		"of another format":             {func(r *record) { r.Format++ }, false},
		"of other packages":             {func(r *record) { r.LockHash = "0" }, false},
		"on a Python of another minor":  {func(r *record) { r.Python = "3.12.1" }, false},
		"on another patch of its minor": {func(r *record) { r.Python = "3.13.99" }, true},
	} {
		dir := t.TempDir()
		layRuntime(t, dir, c.change)
		if _, ok := (Options{Dir: dir, ManagedPython: true, PythonVersion: "3.13"}).Installed(); ok != c.want {
			t.Errorf("%s: %v", name, ok)
		}
	}
	if _, ok := (Options{Dir: t.TempDir()}).Installed(); ok {
		t.Error("there is one in an empty directory")
	}
}

func TestAFailedInstallationSaysWhatToDo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, "", 0o644)
	full := t.TempDir()
	writeFile(t, filepath.Join(full, "thesis.tex"), "", 0o644)
	for name, c := range map[string]struct {
		environ []string
		dir     string
		want    []string
	}{
		"with a full disk": {
			[]string{"FAKE_UV_ERROR=error: failed to write\\n  Caused by: No space left on device (os error 28)"}, "",
			[]string{"installing the packages", "No space left on device", "The disk is full. About"},
		},
		"without an index": {
			[]string{"FAKE_UV_ERROR=error: Failed to fetch: `https://me:secret@index.example/simple/`\\n  Caused by: dns error"}, "",
			[]string{"https://[redacted]@index.example", "The Python package index was not reached", "UV_DEFAULT_INDEX"},
		},
		"with an index that is busy": {
			[]string{"FAKE_UV_ERROR=error: HTTP status server error (503 Service Unavailable)"}, "",
			[]string{"503 Service Unavailable", "then try again: what was fetched is kept"},
		},
		"with other packages than the lock's": {
			[]string{"FAKE_UV_ERROR=error: Hash mismatch for `flask==3.1.3`"}, "", []string{"A package is not the one the lock was made with"},
		},
		"where nothing can be written": {nil, filepath.Join(file, "r"), []string{"The directory cannot be written to"}},
		"over somebody's files":        {nil, full, []string{"it is not empty and holds no runtime.json", "Name a directory that does not exist"}},
		"without uv":                   {[]string{"PATH=/nonexistent"}, "", []string{"getting uv: none of the ways worked", "uv on PATH: there is none", "Install uv"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			dir := c.dir
			if dir == "" {
				dir = filepath.Join(parent, "r")
			}
			pins := DefaultPins()
			pins.UV.Archives = nil
			_, err := Install(t.Context(), Options{Dir: dir, CacheDir: t.TempDir(), Environ: append(fakeUV(t), c.environ...), Pins: &pins})
			if err == nil {
				t.Fatal("it went well")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("a login is in\n%v", err)
			}
			if left := names(t, parent); len(left) > 0 {
				t.Errorf("it left %q", left)
			}
		})
	}
	if !exists(filepath.Join(full, "thesis.tex")) {
		t.Error("somebody's files are gone")
	}
}

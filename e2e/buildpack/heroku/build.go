package heroku

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Build is a build dyno: three directories, the config vars, and what is installed.
type Build struct {
	// Buildpack is the directory whose bin/ is run; "" for App, as with an inline buildpack.
	Buildpack string
	// App, Cache and Env are BUILD_DIR, CACHE_DIR and ENV_DIR.
	App, Cache, Env string
	// Path is PATH; "" is Bare's.
	Path string
	// Extra is added to the environment, and wins.
	Extra []string
	// Wrap is put before a script, such as unshare with its options.
	Wrap []string
}

// buildLimit is how long one script may take: more than a slow and shared machine needs.
const buildLimit = 8 * time.Minute

// NewBuild is a build of app with an empty cache and these config vars. The paths of both hold a space.
func NewBuild(t testing.TB, app string, settings map[string]string) Build {
	t.Helper()
	b := Build{App: app, Cache: filepath.Join(t.TempDir(), "the cache"), Env: filepath.Join(t.TempDir(), "config vars")}
	if err := os.Mkdir(b.Cache, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, value := range settings {
		Write(t, filepath.Join(b.Env, name), value)
	}
	return b
}

// Result is what a script has done.
type Result struct {
	// Stdout and Stderr are what it printed; Log is both as they came.
	Stdout, Stderr, Log string
	Code                int
	Took                time.Duration
}

// Run runs bin/detect, compile, release or report with the arguments that Heroku gives it.
func (b Build) Run(t testing.TB, script string) Result {
	t.Helper()
	buildpack := b.Buildpack
	if buildpack == "" {
		buildpack = b.App
	}
	args := append(b.Wrap, filepath.Join(buildpack, "bin", script), b.App)
	if script == "compile" || script == "report" {
		args = append(args, b.Cache, b.Env)
	}
	ctx, cancel := context.WithTimeout(t.Context(), buildLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = "/"
	cmd.Env = b.environ(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var log both
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&stdout, &log), io.MultiWriter(&stderr, &log)
	start := time.Now()
	err := cmd.Run()
	if cmd.ProcessState == nil || ctx.Err() != nil {
		t.Fatalf("%s: %v\n%s", script, err, log.text.String())
	}
	return Result{stdout.String(), stderr.String(), log.text.String(), cmd.ProcessState.ExitCode(), time.Since(start)}
}

// MustRun is Run for a script that has to succeed.
func (b Build) MustRun(t testing.TB, script string) Result {
	t.Helper()
	r := b.Run(t, script)
	if r.Code != 0 {
		t.Fatalf("bin/%s ended with %d:\n%s", script, r.Code, r.Log)
	}
	return r
}

// environ is what a script of a buildpack finds in its environment on Heroku.
func (b Build) environ(t testing.TB) []string {
	t.Helper()
	path := b.Path
	if path == "" {
		path = Bare(t)
	}
	environ := []string{
		"PATH=" + path, "HOME=" + home(t), "STACK=heroku-24", "SOURCE_VERSION=" + Commit, "DYNO=run.1234", "PORT=38123",
		"REQUEST_ID=5a7c1f0e-0000-4000-8000-000000000000", "TERM=dumb", "LANG=C.UTF-8",
		"BUILD_DIR=" + b.App, "CACHE_DIR=" + b.Cache, "ENV_DIR=" + b.Env,
	}
	return append(environ, b.Extra...)
}

func home(t testing.TB) string {
	t.Helper()
	return t.TempDir()
}

// both takes two streams.
type both struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *both) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

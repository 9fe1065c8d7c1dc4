package buildpack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mlflow-server/internal/provision"
)

// Build is one run of bin/compile.
type Build struct {
	// App is BUILD_DIR: the app's files, which become the slug.
	App string
	// Cache is CACHE_DIR, which Heroku keeps from one build to the next.
	Cache string
	// Settings are the config vars.
	Settings Settings
	// Source is the buildpack's own directory, with the launcher's source code. It is never written to.
	Source string
	// Go is the go command.
	Go string
	// Environ is the environment of the build, with STACK and SOURCE_VERSION.
	Environ []string
	// Log takes what the person who pushed is to read.
	Log io.Writer
	// OnlyRuntime fills the cache with MLflow and leaves App as it is, for a layer of an image that later builds begin with.
	OnlyRuntime bool
}

// compilation is a Build under way.
type compilation struct {
	Build
	log    *output
	store  store
	wanted wanted
	report report
	made   []string // in App, to be removed when the build fails
}

// Compile makes the slug: MLflow in .mlflow, the launcher in bin. It writes its log and a report for bin/report. The error
// is a *Failure, and leaves App without anything of it and the cache in order.
func Compile(ctx context.Context, b Build) error {
	start := time.Now()
	c := &compilation{Build: b, log: newOutput(b.Log, b.Settings), store: store{dir: filepath.Join(b.Cache, "mlflow-server")}}
	c.report.add("stack", value(b.Environ, "STACK"), "platform", platform())
	err := c.run(ctx)
	var failure *Failure
	if err != nil {
		failure = explain(err)
		for _, path := range slices.Backward(c.made) {
			_ = os.RemoveAll(path)
		}
	}
	c.report.end(failure, time.Since(start))
	if c.report.write(filepath.Join(c.store.dir, reportFile), c.log) != nil && failure != nil {
		_ = c.report.write(filepath.Join(c.App, fallbackReport), c.log) // it is only for bin/report, which can do without
	}
	if failure != nil {
		return failure
	}
	return nil
}

func (c *compilation) run(ctx context.Context) (err error) {
	start := time.Now()
	if c.wanted, err = wants(c.App, c.Settings); err != nil {
		return err
	}
	c.announce()
	if c.OnlyRuntime {
		if _, err := c.runtime(ctx); err != nil {
			return err
		}
		return os.RemoveAll(filepath.Join(c.App, runtimeDir)) // it is in the cache
	}
	ctx, cancel := context.WithCancel(ctx)
	launcher := c.startLauncher(ctx) // meanwhile: this one needs the processor, the other mostly the network
	defer launcher.wait()
	defer cancel()

	runtime, err := c.runtime(ctx)
	if err != nil {
		return err
	}
	if err := launcher.wait(); err != nil {
		return err
	}
	c.log.done("Building the launcher", launcher.result, launcher.took, launcher.size)
	if err := c.finish(ctx, runtime); err != nil {
		return err
	}
	if err := c.store.prune(provision.DefaultPins().UV.Version); err != nil {
		return fmt.Errorf("dropping what is old from the cache: %w", err)
	}
	return c.summary(runtime, launcher, time.Since(start))
}

// announce says what is going to be in the slug, and why.
func (c *compilation) announce() {
	c.log.Started("MLflow " + cmp.Or(c.wanted.mlflow, provision.LockedMLflowVersion()) + " behind mlflow-server")
	if reason, err := Detect(c.App); err == nil {
		c.log.Note(reason)
	}
	for _, extra := range c.wanted.extras {
		c.log.Note("with " + extra)
	}
}

// finish writes the small files and sees whether the launcher finds its MLflow.
func (c *compilation) finish(ctx context.Context, r provision.Runtime) error {
	if err := c.writeProfile(); err != nil {
		return err
	}
	yaml, err := Release(c.App)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.App, releaseFile), []byte(yaml), 0o644); err != nil {
		return err
	}
	return c.checkLauncher(ctx, r)
}

// mine notes what this build is about to make in App: the file or directory of that name, or the first of the directories
// that lead to it and are not there yet. What is there already is the app's own and stays.
func (c *compilation) mine(path string) string {
	at := c.App
	for _, part := range strings.Split(filepath.ToSlash(path), "/") {
		at = filepath.Join(at, part)
		if _, err := os.Lstat(at); errors.Is(err, fs.ErrNotExist) {
			c.made = append(c.made, at)
			break
		}
	}
	return filepath.Join(c.App, path)
}

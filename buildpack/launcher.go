package buildpack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"mlflow-server/internal/provision"
)

// launcherFile is the program that the slug's processes run.
const launcherFile = "bin/mlflow-server"

// launcherBuild is the building of the launcher, beside the installation of the runtime.
type launcherBuild struct {
	result string
	took   time.Duration
	size   int64
	goes   string // version of Go
	err    error
	gone   sync.WaitGroup
}

func (l *launcherBuild) wait() error {
	l.gone.Wait()
	return l.err
}

// startLauncher builds the launcher from the buildpack's own source code, which for an app of somebody else's is not in
// the app.
func (c *compilation) startLauncher(ctx context.Context) *launcherBuild {
	l := &launcherBuild{}
	target := c.mine(launcherFile)
	l.gone.Go(func() {
		defer os.RemoveAll(c.goConfig())
		start := time.Now()
		commit := c.commit()
		if l.err = c.buildLauncher(ctx, target, commit); l.err != nil {
			return
		}
		info, err := os.Stat(target)
		if err != nil {
			l.err = err
			return
		}
		out, err := c.goCommand(ctx, "env", "GOVERSION").Output()
		if err != nil {
			l.err = fmt.Errorf("asking Go for its version: %w", err)
			return
		}
		l.goes, l.size, l.took = strings.TrimPrefix(strings.TrimSpace(string(out)), "go"), info.Size(), time.Since(start)
		l.result = "commit " + shortCommit(commit)
	})
	return l
}

func (c *compilation) buildLauncher(ctx context.Context, target, commit string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	args := []string{
		// The app's own Go may be built with GOFLAGS=-mod=vendor.
		"build", "-C", c.Source, "-mod=readonly", "-trimpath", "-buildvcs=false", // no path of the build machine, and no look for a repository around the slug
		"-ldflags", "-s -w -X main.version=" + shortCommit(commit) + " -X main.commit=" + commit,
		"-o", target, "./cmd/mlflow-server",
	}
	out, err := c.goCommand(ctx, args...).CombinedOutput()
	if err != nil && ctx.Err() == nil && goFailure(string(out)).Key == buildKey {
		// What an earlier build left in the cache may be the reason.
		c.log.Note("building the launcher failed with the caches of Go: trying without")
		for _, dir := range []string{"go-build", "go-path"} {
			if err := os.RemoveAll(filepath.Join(c.store.dir, dir)); err != nil {
				return err
			}
		}
		out, err = c.goCommand(ctx, args...).CombinedOutput()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return goFailure(string(out))
	}
	return nil
}

func (c *compilation) goConfig() string { return filepath.Join(c.store.dir, "go-config") }

// goCommand runs go with the environment that toolchain.sh has prepared: caches, proxies, CGO_ENABLED=0.
func (c *compilation) goCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Go, args...)
	// Go's telemetry goes to the configuration directory, which can be the app's. It is written by a process that Go leaves
	// behind, so it must not be where something is about to be removed.
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+c.goConfig())
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// checkLauncher runs the launcher as it lies in the slug: it must find the runtime beside it.
func (c *compilation) checkLauncher(ctx context.Context, r provision.Runtime) error {
	cmd := exec.CommandContext(ctx, filepath.Join(c.App, launcherFile), "version")
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=/nonexistent"}
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil && !bytes.Contains(out, []byte(r.Dir)) {
		err = errors.New("it does not find its MLflow")
	}
	if err != nil {
		return &Failure{Key: buildKey, Headline: "The launcher does not run.", Lines: append([]string{err.Error()}, strings.Split(string(out), "\n")...)}
	}
	return nil
}

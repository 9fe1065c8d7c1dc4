package buildpack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"time"

	"mlflow-server/internal/provision"
)

func platform() string { return goruntime.GOOS + "/" + goruntime.GOARCH }

// runtime puts Python and MLflow into the slug: out of the cache where the same was made before, else from the network.
func (c *compilation) runtime(ctx context.Context) (provision.Runtime, error) {
	start := time.Now()
	scratch, err := os.MkdirTemp("", "mlflow-buildpack-")
	if err != nil {
		return provision.Runtime{}, fmt.Errorf("making a temporary directory: %w", err)
	}
	defer os.RemoveAll(scratch)
	dir := c.mine(runtimeDir)
	options := provision.Options{
		Dir: dir, CacheDir: c.store.dir, ManagedPython: true,
		MLflowVersion: c.wanted.mlflow, Extras: c.wanted.extras,
		Environ: c.toolEnviron(scratch), Progress: c.log,
	}
	key, err := c.runtimeKey(options)
	if err != nil {
		return provision.Runtime{}, err
	}
	if occupied(dir) {
		return provision.Runtime{}, &Failure{Key: "setting", Headline: "The app has files of its own in " + runtimeDir + ".",
			Lines: []string{"That is where MLflow goes. Give them another name, then push again."}}
	}
	found, err := c.store.restore(ctx, key, dir)
	if err != nil {
		c.log.Started(fmt.Sprintf("The MLflow in the cache is damaged (%v): installing it again", err))
	}
	if found {
		if _, found = options.Installed(); !found {
			c.log.Started("The MLflow in the cache does not fit: installing it again")
		}
	}
	r, err := provision.Install(ctx, options) // returns at once when the restored one is what it would make
	if err != nil {
		return r, err
	}
	took := time.Since(start)
	c.report.add("cached", fmt.Sprint(found), "python", r.PythonVersion, "mlflow", r.MLflowVersion, "locked", fmt.Sprint(r.Locked),
		"extras", fmt.Sprint(len(c.wanted.extras)), "runtime_seconds", seconds(took))
	if found {
		c.log.done("Using MLflow "+r.MLflowVersion+" on Python "+r.PythonVersion+" from the cache", "", took, sizeOf(dir).bytes)
		return r, nil
	}
	start = time.Now()
	if size, err := c.store.save(ctx, key, dir); err != nil {
		c.log.Started(fmt.Sprintf("MLflow could not be put into the cache (%v): the next build installs it again", err))
	} else {
		c.log.done("Putting MLflow into the cache", "", time.Since(start), size)
	}
	return r, nil
}

// occupied says that the app has something of its own where the runtime goes, which must not be replaced.
func occupied(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) > 0 && !exists(filepath.Join(dir, "runtime.json"))
}

// runtimeKey names everything that the runtime depends on. The stack is in it because a package without a wheel is built
// with the stack's compiler and libraries.
func (c *compilation) runtimeKey(o provision.Options) (string, error) {
	packages, err := o.Key()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{packages, value(c.Environ, "STACK"), platform()}, "\n")))
	return hex.EncodeToString(sum[:8]), nil
}

// toolEnviron is the environment of uv and pip. Whatever they keep for themselves goes to scratch: their caches hold the
// same wheels once more, and the home directory of a build can be the app's (Heroku CI).
func (c *compilation) toolEnviron(scratch string) []string {
	environ := append(c.Settings.environ(c.App, c.Environ), "UV_PYTHON_INSTALL_DIR="+filepath.Join(scratch, "python"))
	if value(c.Environ, "UV_CACHE_DIR") == "" { // the build's own, such as a cache mount of docker, and no config var
		environ = append(environ, "UV_CACHE_DIR="+filepath.Join(scratch, "uv"))
	}
	return environ
}

// value is the last value of a variable in an environment.
func value(environ []string, name string) string {
	found := ""
	for _, e := range environ {
		if k, v, _ := strings.Cut(e, "="); k == name {
			found = v
		}
	}
	return found
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }

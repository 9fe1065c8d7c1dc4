package provision

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// installation is one run of Install.
type installation struct {
	Options
	pins     Pins
	environ  []string
	cache    string
	progress Progress
	plan     plan
	uv       tool
	retry    time.Duration // before a download is tried again; doubles each time
	step     string        // the open one
	since    time.Time
}

// Install makes the runtime unless it is there already, and returns it. It is made beside its final place and renamed
// into it, so an interruption leaves none, and the next call is quick because uv keeps what it fetched. Of two processes
// the second waits for the first and takes its result. The error is an *Error, or the cause of an ended ctx.
func Install(ctx context.Context, o Options) (Runtime, error) {
	in, err := newInstallation(o)
	if err != nil {
		return Runtime{}, err
	}
	if o.Dir != "" {
		if r, ok := in.ready(o.Dir); ok {
			in.addUI(ctx, r)
			return r, nil
		}
	} else if r, err := Find(""); err == nil && in.fits(r) && o.Environ == nil && o.CacheDir == "" {
		in.addUI(ctx, r)
		return r, nil
	}
	r, err := in.run(ctx)
	if err != nil && in.step != "" {
		in.progress.Failed(in.step, time.Since(in.since))
	}
	return r, err
}

func newInstallation(o Options) (*installation, error) {
	in := &installation{Options: o, pins: DefaultPins(), environ: o.Environ, progress: o.Progress, retry: time.Second}
	if o.Pins != nil {
		in.pins = *o.Pins
	}
	if in.environ == nil {
		in.environ = os.Environ()
	}
	if in.progress == nil {
		in.progress = Silent{}
	}
	in.cache = o.CacheDir
	var err error
	if in.cache == "" {
		if in.cache, err = cacheRoot(o.Environ); err != nil {
			return nil, err
		}
	} else if in.cache, err = filepath.Abs(in.cache); err != nil {
		return nil, failed("finding the cache directory", err)
	}
	in.environ = in.toolEnviron()
	in.plan, err = newPlan(o)
	return in, err
}

// fits says that a runtime is what this installation would make.
func (in *installation) fits(r Runtime) bool {
	return r.LockHash == in.plan.hash && (!in.ManagedPython || r.home != "" && in.rightMinor(r))
}

// rightMinor compares the minor version only: another patch release runs the same packages.
func (in *installation) rightMinor(r Runtime) bool {
	want := interpreter{Version: in.managedVersion()}
	return want.minor() == interpreter{Version: r.PythonVersion}.minor()
}

func (in *installation) managedVersion() string {
	return cmp.Or(in.PythonVersion, in.pins.Python.Managed)
}

// Installed returns the runtime in o.Dir when it is what Install would make there, so that Install has nothing to do.
func (o Options) Installed() (Runtime, bool) {
	in, err := newInstallation(o)
	if err != nil {
		return Runtime{}, false
	}
	return in.ready(o.Dir)
}

func (in *installation) ready(dir string) (Runtime, bool) {
	r, err := open(dir)
	return r, err == nil && in.fits(r)
}

// run is the whole installation, top to bottom.
func (in *installation) run(ctx context.Context) (Runtime, error) {
	var python interpreter // of the system; the zero value stands for a managed one
	var noPython error
	if !in.ManagedPython {
		if python, noPython = systemPython(ctx, in.pins, in.environ); ctx.Err() != nil {
			return Runtime{}, ended(ctx)
		}
	}
	final, err := in.place(python)
	if err != nil {
		return Runtime{}, err
	}
	unlock, err := in.exclusive(ctx, final)
	if err != nil {
		return Runtime{}, err
	}
	defer unlock()
	if r, ok := in.ready(final); ok {
		return r, nil // another process made it meanwhile
	}
	removeStale(final)
	partial, err := newPartial(final)
	if err != nil {
		return Runtime{}, failed("making a directory for the runtime", err)
	}
	defer os.RemoveAll(partial)

	if err := in.build(ctx, partial, python, noPython); err != nil {
		return Runtime{}, err
	}
	if err := replace(partial, final); err != nil {
		return Runtime{}, failed("moving the runtime to its place", err)
	}
	r, err := open(final)
	if err != nil {
		return Runtime{}, failed("checking the runtime", err)
	}
	return r, nil
}

// place is the directory where the runtime goes.
func (in *installation) place(python interpreter) (string, error) {
	if in.Dir == "" {
		minor := python.minor()
		if python.Version == "" {
			minor = interpreter{Version: in.managedVersion()}.minor()
		}
		return filepath.Join(in.cache, "runtimes", cacheKey(in.plan.hash, minor)), nil
	}
	dir, err := filepath.Abs(in.Dir)
	if err != nil {
		return "", failed("finding the directory of the runtime", err)
	}
	// Whatever lies there is replaced as a whole, so it must not be anything but a runtime.
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 && !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == recordFile }) {
		return "", &Error{Doing: "checking " + dir, Err: fmt.Errorf("it is not empty and holds no %s", recordFile),
			Advice: "Name a directory that does not exist yet, or an empty one."}
	}
	return dir, nil
}

// build fills the partial directory.
func (in *installation) build(ctx context.Context, partial string, python interpreter, noPython error) error {
	var rec record
	err := in.do(stepUV, "getting uv", partial, func() (result string, err error) {
		in.uv, err = in.findUV(ctx)
		return in.uv.version + " from " + in.uv.source, err
	})
	if err != nil {
		return err
	}
	if python.Version == "" {
		if noPython != nil {
			in.progress.Note("no suitable Python on this machine, so uv brings one: " + firstLine(noPython.Error()))
		}
		err = in.do("Installing Python "+in.managedVersion(), "installing Python", partial, func() (result string, err error) {
			python, err = in.managedPython(ctx, partial)
			return python.Version, err
		})
		if err != nil {
			return err
		}
		rec.Managed = true
	}
	if err := in.packages(ctx, partial, python); err != nil {
		return err
	}
	return in.finish(ctx, partial, python, rec)
}

// do runs one step and reports it with its duration and the change of the directory's size.
func (in *installation) do(step, doing, dir string, work func() (result string, err error)) error {
	in.step, in.since = step, time.Now()
	before := sizeOf(dir)
	in.progress.Started(step)
	result, err := work()
	if err != nil {
		return failed(doing, orFull(err, dir))
	}
	in.progress.Finished(step, result, time.Since(in.since), sizeOf(dir)-before)
	in.step = ""
	return nil
}

package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// tool is a uv that can be run.
type tool struct {
	path    string
	version string
	source  string // where it came from, for the log
}

// uvSource is one way to come by uv.
type uvSource struct {
	name string
	get  func(ctx context.Context) (tool, error)
}

// FindUV returns the path and the version of a uv that can be run, getting one where there is none. The options that
// matter are CacheDir, Environ, Progress and Pins.
func FindUV(ctx context.Context, o Options) (path, version string, err error) {
	in, err := newInstallation(o)
	if err != nil {
		return "", "", err
	}
	t, err := in.findUV(ctx)
	return t.path, t.version, err
}

// findUV tries the ways to come by uv, the cheapest first: PATH, what an earlier run fetched, the pinned archive, and the
// Python package index through a pip that is there. note hears of each way that did not work.
func (in *installation) findUV(ctx context.Context) (tool, error) {
	store := filepath.Join(in.cache, "uv", in.pins.UV.Version+"-"+runtime.GOOS+"-"+runtime.GOARCH)
	sources := []uvSource{
		{"uv on PATH", in.uvOnPath},
		{"uv fetched before", func(ctx context.Context) (tool, error) { return in.uvStored(ctx, store) }},
		{"the pinned download", func(ctx context.Context) (tool, error) { return in.uvDownloaded(ctx, store) }},
		{"the Python package index through pip", func(ctx context.Context) (tool, error) { return in.uvFromPip(ctx, store) }},
	}
	var tried []string
	for _, s := range sources {
		found, err := s.get(ctx)
		if err == nil {
			found.source = s.name
			return found, nil
		}
		if ctx.Err() != nil {
			return tool{}, ended(ctx)
		}
		if errors.Is(err, errAbsent) { // nothing to tell: most machines lack it
			tried = append(tried, fmt.Sprintf("%s: there is none", s.name))
			continue
		}
		in.progress.Note(fmt.Sprintf("%s: %s", s.name, firstLine(redact(err.Error()))))
		tried = append(tried, fmt.Sprintf("%s: %s", s.name, strings.ReplaceAll(redact(err.Error()), "\n", "\n  ")))
	}
	none := errors.New("none of the ways worked:\n" + strings.Join(tried, "\n"))
	return tool{}, &Error{
		Doing: gettingUV, Err: none, Kind: kindOf(none),
		Advice: fmt.Sprintf("Install uv %s or newer so that it is on PATH, or give this machine access to the Python package index.",
			in.pins.UV.Minimum),
	}
}

// gettingUV names the step.
const gettingUV = "getting uv"

var errAbsent = errors.New("absent")

func (in *installation) uvOnPath(ctx context.Context) (tool, error) {
	var refused error = errAbsent
	for _, path := range onPath("uv", in.environ) {
		t, err := in.askUV(ctx, path)
		if err == nil && compareVersions(t.version, in.pins.UV.Minimum) < 0 {
			err = fmt.Errorf("%s is %s, older than %s", path, t.version, in.pins.UV.Minimum)
		}
		if err == nil {
			return t, nil
		}
		refused = err
	}
	return tool{}, refused
}

// askUV runs the uv at path for its version.
func (in *installation) askUV(ctx context.Context, path string) (tool, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, probeTime, fmt.Errorf("no answer within %v", probeTime))
	defer cancel()
	out, err := command{name: path, args: []string{"--version"}, environ: in.environ, dir: neutralDir}.run(ctx)
	if err != nil {
		return tool{}, fmt.Errorf("%s: %w", path, err)
	}
	words := strings.Fields(out) // "uv 0.12.5 (x86_64-unknown-linux-gnu)"
	if len(words) < 2 || words[0] != "uv" {
		return tool{}, fmt.Errorf("%s is not uv: it answers %q", path, firstLine(out))
	}
	return tool{path: path, version: words[1]}, nil
}

// uvStored is the one that an earlier run left in store. One that does not run is removed: the next way replaces it.
func (in *installation) uvStored(ctx context.Context, store string) (tool, error) {
	path := filepath.Join(store, "uv")
	if _, err := os.Stat(path); err != nil {
		return tool{}, errAbsent
	}
	err := checkSum(path)
	var t tool
	if err == nil {
		t, err = in.askUV(ctx, path)
	}
	if err == nil && t.version != in.pins.UV.Version {
		err = fmt.Errorf("%s is %s instead of %s", path, t.version, in.pins.UV.Version)
	}
	if err != nil && ctx.Err() == nil {
		_ = os.RemoveAll(store)
	}
	return t, err
}

func (in *installation) uvDownloaded(ctx context.Context, store string) (tool, error) {
	archive, ok := in.pins.UV.Archives[platform()]
	if !ok {
		return tool{}, fmt.Errorf("no archive is pinned for %s", platform())
	}
	return in.keepUV(ctx, store, func(dir string) (string, error) {
		name := filepath.Join(dir, "uv.tar.gz")
		d := newDownloader(in.progress.Downloaded)
		d.pause = in.retry
		if err := d.fetch(ctx, in.pins.archiveURL(archive), name, archive.SHA256); err != nil {
			return "", err
		}
		path := filepath.Join(dir, "uv")
		return path, extractFile(name, "uv", path)
	})
}

// uvFromPip installs uv's wheel, which holds the program itself, with any pip there is. Its hashes are in lock/uv.txt.
func (in *installation) uvFromPip(ctx context.Context, store string) (tool, error) {
	return in.keepUV(ctx, store, func(dir string) (string, error) {
		requirements := filepath.Join(dir, "uv.txt")
		if err := os.WriteFile(requirements, []byte(lockUV), 0o644); err != nil {
			return "", err
		}
		var refused []string
		seen := map[string]bool{}
		for _, name := range pythonNames {
			for _, python := range onPath(name, in.environ) {
				if real, err := filepath.EvalSymlinks(python); err != nil || seen[real] {
					continue
				} else {
					seen[real] = true
				}
				target := filepath.Join(dir, "wheel")
				_, err := command{name: python, environ: in.environ, dir: neutralDir, args: []string{
					"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes",
					"--only-binary", ":all:", "--target", target, "--requirement", requirements,
				}}.run(ctx)
				if err == nil {
					return filepath.Join(target, "bin", "uv"), nil
				}
				if ctx.Err() != nil {
					return "", ended(ctx)
				}
				refused = append(refused, err.Error())
				_ = os.RemoveAll(target)
			}
		}
		if len(refused) == 0 {
			return "", errors.New("there is no Python on PATH")
		}
		return "", errors.New(strings.Join(refused, "\n"))
	})
}

// keepUV lets get put a uv somewhere below a temporary directory and moves it into store once it runs.
func (in *installation) keepUV(ctx context.Context, store string, get func(dir string) (string, error)) (tool, error) {
	if err := os.MkdirAll(filepath.Dir(store), 0o755); err != nil {
		return tool{}, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(store), ".partial-")
	if err != nil {
		return tool{}, err
	}
	defer os.RemoveAll(dir)
	path, err := get(dir)
	if err != nil {
		return tool{}, err
	}
	t, err := in.askUV(ctx, path)
	if err != nil {
		return tool{}, err
	}
	if err := os.MkdirAll(store, 0o755); err != nil {
		return tool{}, err
	}
	t.path = filepath.Join(store, "uv")
	if err := writeSum(path, t.path); err != nil {
		return tool{}, err
	}
	return t, os.Rename(path, t.path)
}

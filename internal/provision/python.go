package provision

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

//go:embed probe.py
var probeScript string

// interpreter is a Python that was asked what it is.
type interpreter struct {
	Implementation string   `json:"implementation"`
	Version        string   `json:"version"`
	Final          bool     `json:"final"`
	Bits           int      `json:"bits"`
	FreeThreaded   bool     `json:"free_threaded"`
	Executable     string   `json:"executable"` // real path, outside any virtual environment
	Missing        []string `json:"missing"`    // modules of the standard library that this build lacks
}

// minor is "3.13" of "3.13.9".
func (p interpreter) minor() string {
	parts := strings.SplitN(p.Version, ".", 3)
	if len(parts) < 2 {
		return p.Version
	}
	return parts[0] + "." + parts[1]
}

// unsuitable says why the server cannot run on this Python, nil when it can.
func (p interpreter) unsuitable(pins Pins) error {
	switch {
	case p.Implementation != "CPython":
		return fmt.Errorf("it is %s, not CPython", p.Implementation)
	case compareVersions(p.Version, pins.Python.Minimum) < 0:
		return fmt.Errorf("it is %s, older than %s", p.Version, pins.Python.Minimum)
	case compareVersions(p.Version, pins.Python.Below) >= 0 || !p.Final:
		return fmt.Errorf("it is %s, for which the locked packages have no builds", p.Version)
	case p.Bits != 64:
		return fmt.Errorf("it is a %d-bit build", p.Bits)
	case p.FreeThreaded:
		return errors.New("it is a free-threaded build")
	case len(p.Missing) > 0:
		return fmt.Errorf("it was built without %s", strings.Join(p.Missing, ", "))
	case p.Executable == "":
		return errors.New("it does not know its own path")
	}
	return nil
}

// probeTime is far more than a Python needs to start; a shim that waits for input must not hang an installation.
const probeTime = 20 * time.Second

// probe asks the program name what Python it is.
func probe(ctx context.Context, name string, environ []string) (interpreter, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, probeTime, fmt.Errorf("no answer within %v", probeTime))
	defer cancel()
	out, err := command{name: name, args: []string{"-I", "-S", "-c", probeScript}, environ: environ, dir: neutralDir}.run(ctx)
	if err != nil {
		return interpreter{}, err
	}
	var p interpreter
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		return interpreter{}, fmt.Errorf("it does not answer like a Python: %w", err)
	}
	return p, nil
}

// stillFits asks a replaced interpreter whether it is of the minor version its packages were installed for.
func stillFits(path, version string) error {
	p, err := probe(context.Background(), path, os.Environ())
	if err != nil {
		return err
	}
	if was := (interpreter{Version: version}).minor(); p.minor() != was {
		return fmt.Errorf("it was %s and is %s", was, p.minor())
	}
	return p.unsuitable(DefaultPins())
}

// pythonNames in the order they are tried in each directory of PATH: what the user calls python3 first, then the newest
// that is well supplied with builds.
var pythonNames = []string{"python3", "python3.13", "python3.12", "python3.14", "python3.11", "python3.10", "python"}

// systemPython is the first suitable Python on PATH. The error lists why each was refused.
func systemPython(ctx context.Context, pins Pins, environ []string) (interpreter, error) {
	var refused []string
	seen := map[string]bool{}
	for _, name := range pythonNames {
		for _, path := range onPath(name, environ) {
			real, err := filepath.EvalSymlinks(path)
			if err != nil || seen[real] && !isShim(real) {
				continue
			}
			seen[real] = true
			p, err := probe(ctx, path, environ)
			if ctx.Err() != nil {
				return interpreter{}, ended(ctx)
			}
			if err == nil {
				err = p.unsuitable(pins)
			}
			if err == nil {
				return p, nil
			}
			refused = append(refused, fmt.Sprintf("%s: %s", path, firstLine(err.Error())))
		}
	}
	if len(refused) == 0 {
		return interpreter{}, errors.New("there is no Python on PATH")
	}
	return interpreter{}, errors.New(strings.Join(refused, "\n"))
}

// isShim says that a file is a script, which may stand for another Python under each of its names (pyenv, asdf).
func isShim(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [2]byte
	_, _ = f.Read(head[:])
	return string(head[:]) == "#!"
}

// onPath lists every executable of that name, in the order of PATH.
func onPath(name string, environ []string) []string {
	var found []string
	for _, dir := range filepath.SplitList(value(environ, "PATH")) {
		if !filepath.IsAbs(dir) { // the same rule as exec.ErrDot: nothing from the working directory
			continue
		}
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode().Perm()&0o111 != 0 {
			found = append(found, path)
		}
	}
	return found
}

func firstLine(text string) string {
	// "python3.12 ended with exit status 127:" says less than the line that follows it.
	if head, rest, ok := strings.Cut(text, ":\n"); ok {
		return head + ": " + firstLine(rest)
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}

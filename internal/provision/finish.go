package provision

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed finish.py
var finishScript string

// verifyScript loads the compiled modules that a server loads: they are what may not fit this machine's processor or C
// library. MLflow itself is not imported, which takes seconds and would find nothing more; the end-to-end tests do it.
const verifyScript = `import importlib.metadata, numpy, sqlalchemy, psycopg, pymysql, uvicorn, httptools, pydantic_core
import cryptography.hazmat.bindings._rust
print(importlib.metadata.version("mlflow"))`

// finish prunes, compiles and checks the packages and writes the record, which makes the directory a runtime.
func (in *installation) finish(ctx context.Context, partial string, python interpreter, rec record) error {
	packages := filepath.Join(partial, packagesDir)
	r := Runtime{Dir: partial, Python: pythonIn(partial, python), SitePackages: packages}
	if rec.Managed {
		r.home = filepath.Join(partial, pythonDir)
	}
	err := in.do(stepPrune, "pruning the packages", partial, func() (string, error) {
		if r.home != "" {
			if err := trimBuilding(r.home, python.minor()); err != nil {
				return "", err
			}
		}
		return "", prune(packages, in.plan.requirements != "")
	})
	if err != nil {
		return err
	}
	err = in.do(stepCompile, "compiling bytecode", partial, func() (string, error) {
		return in.compile(ctx, r, python)
	})
	if err != nil {
		return err
	}
	if err := in.compressUI(ctx, packages, partial); err != nil {
		return err
	}
	return in.do(stepCheck, "checking the runtime", partial, func() (string, error) {
		out, err := command{name: r.Python, args: []string{"-S", "-c", verifyScript}, dir: partial, environ: r.environFor(in.environ)}.run(ctx)
		if err != nil {
			return "", err
		}
		if got := strings.TrimSpace(out); got != in.plan.mlflow {
			return "", fmt.Errorf("the MLflow there is %s instead of %s", got, in.plan.mlflow)
		}
		rec.Format, rec.Platform = recordFormat, platform()
		rec.LockHash, rec.BaseHash, rec.Locked = in.plan.hash, lockHash(), in.plan.locked
		rec.MLflow, rec.Python, rec.Interpreter = in.plan.mlflow, python.Version, python.Executable
		if !rec.Managed {
			info, err := os.Stat(python.Executable)
			if err != nil {
				return "", err
			}
			rec.Size, rec.Modified = info.Size(), info.ModTime()
		}
		return "MLflow " + rec.MLflow + " on Python " + rec.Python, rec.write(partial)
	})
}

// withoutColumns leaves the tables of columns out of the bytecode: 6 MB less to install and 1.5 MB less in memory, for
// tracebacks that name the line and not the place in it. It is a variable and not the option -X, because compileall's
// workers get only the one.
const withoutColumns = "PYTHONNODEBUGRANGES=1"

// compile runs finish.py.
func (in *installation) compile(ctx context.Context, r Runtime, python interpreter) (string, error) {
	command := command{name: r.Python, dir: r.Dir, environ: append(r.environFor(in.environ), withoutColumns)}
	// In the scripts: an absolute path for the system's Python, "$here/…" for the runtime's own.
	executable, home := "'"+strings.ReplaceAll(python.Executable, "'", `'\''`)+"'", `""`
	dirs := []string{r.SitePackages}
	if r.home != "" {
		executable, home = `"$here/`+python.Executable+`"`, `"$here/`+pythonDir+`"`
		dirs = append(dirs, filepath.Join(r.home, "lib", "python"+python.minor()))
	}
	command.args = append([]string{"-S", "-c", finishScript, r.Dir, executable, home}, dirs...)
	out, err := command.run(ctx)
	if err != nil {
		return "", err
	}
	var done struct {
		Sources, Compiled int
	}
	if err := json.Unmarshal([]byte(lastLine(out)), &done); err != nil {
		return "", fmt.Errorf("reading what was compiled: %w", err)
	}
	if done.Compiled*100 < done.Sources*95 { // a few files are meant not to compile; a full disk stops them all
		return "", fmt.Errorf("only %d of %d modules could be compiled:\n%s", done.Compiled, done.Sources, lastLines(out))
	}
	return fmt.Sprintf("%d modules", done.Compiled), nil
}

// environFor is an environment with this runtime's Python, and nothing else of Python's, on top.
func (r Runtime) environFor(environ []string) []string {
	var clean []string
	for _, e := range environ {
		if !strings.HasPrefix(e, "PYTHON") {
			clean = append(clean, e)
		}
	}
	return append(clean, r.Environ()...)
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}

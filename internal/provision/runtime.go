package provision

import (
	"path/filepath"
)

// Runtime is an installed MLflow: where its parts lie now, as absolute paths.
type Runtime struct {
	// Dir is the runtime's own directory.
	Dir string
	// Python is the interpreter: inside Dir when it is uv's managed one, anywhere when it is the system's.
	Python string
	// SitePackages is the directory that holds MLflow and what it needs.
	SitePackages string
	// PythonVersion is the interpreter's version, such as "3.13.9".
	PythonVersion string
	// MLflowVersion is the installed MLflow's version.
	MLflowVersion string
	// LockHash names the exact set of packages: equal hashes, equal packages.
	LockHash string
	// Locked says that MLflow is the version of the embedded lock, whose private parts the server may rely on.
	Locked bool
	// Extended says that there are other packages in it than those of the embedded lock.
	Extended bool

	home string // the managed Python's prefix, "" for a system Python
}

// BinDir is the directory with the console scripts of the installed packages, "mlflow" among them. They find the
// runtime from their own place and need nothing in the environment.
func (r Runtime) BinDir() string { return filepath.Join(r.Dir, "bin") }

// Environ is what has to be in the environment for Python to run with this runtime's packages. It is meant to be
// appended to another environment, where the last of two equal names wins.
func (r Runtime) Environ() []string {
	return []string{
		"PYTHONPATH=" + r.SitePackages,
		// A system Python must not be led elsewhere by an inherited PYTHONHOME; empty counts as unset.
		"PYTHONHOME=" + r.home,
		// Packages in the user's home directory could shadow nothing, but could add plugins nobody asked for.
		"PYTHONNOUSERSITE=1",
		// The bytecode is there. What is not (a pruned corner) must not be written into a runtime others share.
		"PYTHONDONTWRITEBYTECODE=1",
	}
}

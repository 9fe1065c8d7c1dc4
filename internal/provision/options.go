package provision

// Options say what to install and where.
type Options struct {
	// Dir is where the runtime goes; "" is a directory in the cache that is named after the lock.
	Dir string
	// CacheDir keeps what was fetched: uv, and uv's Python archives. "" is mlflow-server in the user's cache directory.
	CacheDir string
	// ManagedPython puts uv's own Python into the runtime, which can then be moved to a machine that has none. Without
	// it the system's Python is used where there is one that fits.
	ManagedPython bool
	// PythonVersion is the managed Python's version; "" is the pinned one.
	PythonVersion string
	// MLflowVersion is another version than the locked one. It comes with all its dependencies, unlocked and not lean.
	MLflowVersion string
	// Extras are further requirements, in the lines of a requirements file. They resolve with the locked versions as
	// constraints, except for the packages that they name themselves, and come with all that they need.
	Extras []string
	// Environ is the environment for uv and pip, whose usual variables are honoured (UV_DEFAULT_INDEX, HTTPS_PROXY,
	// SSL_CERT_FILE, …); nil is the process's own.
	Environ []string
	// Progress hears how it goes; nil for nobody.
	Progress Progress
	// Pins replace the embedded ones, in tests that serve archives of their own.
	Pins *Pins
}

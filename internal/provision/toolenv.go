package provision

import (
	"path/filepath"
	"slices"
	"strings"
)

// toolEnviron is the environment for uv and pip. The user's own settings stay. uv does not read pip's: where only those
// are given they are handed on under uv's names, so that an index set for pip works here too.
func (in *installation) toolEnviron() []string {
	var environ []string
	for _, e := range in.environ {
		switch name, _, _ := strings.Cut(e, "="); name {
		case "VIRTUAL_ENV", "CONDA_PREFIX", "UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_TARGET", "UV_COMPILE_BYTECODE", "UV_REQUIRE_HASHES",
			"UV_NO_VERIFY_HASHES", "UV_OVERRIDE", "UV_CONSTRAINT", "UV_EXCLUDE", "UV_EXCLUDE_NEWER", "UV_RESOLUTION", "UV_PROJECT":
			// They speak of another installation, or would change what this one consists of.
		case "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONOPTIMIZE":
		default:
			environ = append(environ, e)
		}
	}
	set := func(name, value string) {
		if value != "" {
			environ = append(environ, name+"="+value)
		}
	}
	isSet := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return value(environ, n) != "" })
	}
	if !isSet("UV_DEFAULT_INDEX", "UV_INDEX_URL") {
		set("UV_DEFAULT_INDEX", value(environ, "PIP_INDEX_URL"))
	}
	if !isSet("UV_INDEX", "UV_EXTRA_INDEX_URL") {
		set("UV_INDEX", value(environ, "PIP_EXTRA_INDEX_URL"))
	}
	if !isSet("SSL_CERT_FILE") {
		set("SSL_CERT_FILE", value(environ, "PIP_CERT"))
	}
	if in.CacheDir != "" && !isSet("UV_PYTHON_CACHE_DIR") {
		// Keeps the archives of managed Pythons, which uv otherwise fetches anew for each install directory.
		set("UV_PYTHON_CACHE_DIR", filepath.Join(in.cache, "python"))
	}
	return environ
}

package provision

import (
	"path/filepath"
	"slices"
	"strings"
)

// foreign variables speak of another installation, or would change what this one consists of or where it goes.
var foreign = []string{
	"VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONPLATLIBDIR",
	"UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_TARGET", "UV_PREFIX", "UV_PROJECT", "UV_WORKING_DIRECTORY", "UV_COMPILE_BYTECODE",
	"UV_REQUIRE_HASHES", "UV_NO_VERIFY_HASHES", "UV_OVERRIDE", "UV_CONSTRAINT", "UV_BUILD_CONSTRAINT", "UV_EXCLUDE",
	"UV_EXCLUDE_NEWER", "UV_RESOLUTION", "UV_PRERELEASE", "UV_NO_BINARY", "UV_ONLY_BINARY", "UV_NO_BUILD", "UV_MANAGED_PYTHON",
	"UV_NO_MANAGED_PYTHON", "UV_PYTHON_PREFERENCE", "UV_CUSTOM_COMPILE_COMMAND",
	"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_CONSTRAINT", "PIP_NO_BINARY", "PIP_REQUIREMENT",
}

// toolEnviron is the environment for uv and pip. The user's own settings for the network stay: indexes, mirrors, caches,
// proxies, certificates. Where there are only pip's they are handed on under uv's names.
func (in *installation) toolEnviron() []string {
	var environ []string
	for _, e := range in.environ {
		if name, _, _ := strings.Cut(e, "="); !slices.Contains(foreign, name) {
			environ = append(environ, e)
		}
	}
	set := func(name, text string, unless ...string) {
		if text != "" && !slices.ContainsFunc(append(unless, name), func(n string) bool { return value(environ, n) != "" }) {
			environ = append(environ, name+"="+text)
		}
	}
	pip := pipSettings(environ)
	set("UV_DEFAULT_INDEX", pip["index-url"], "UV_INDEX_URL", "UV_NO_INDEX", "UV_CONFIG_FILE")
	set("UV_INDEX", pip["extra-index-url"], "UV_EXTRA_INDEX_URL", "UV_NO_INDEX", "UV_CONFIG_FILE")
	set("SSL_CERT_FILE", pip["cert"])
	// An address that is broken over two lines of an error could not be recognised, and its login not taken out.
	set("UV_NO_WRAP", "1")
	// What a package without a wheel is compiled to must not hold the paths of its making, as debug information would.
	set("CFLAGS", "-O2 -g0")
	set("CXXFLAGS", "-O2 -g0")
	set("PYTHONDONTWRITEBYTECODE", "1") // what a build runs would leave bytecode by time, with the path of the build
	if in.CacheDir != "" {
		// Keeps the archives of managed Pythons, which uv otherwise fetches anew for each install directory.
		set("UV_PYTHON_CACHE_DIR", in.pythonArchives())
	}
	return environ
}

// pythonArchives is where uv keeps the archives of its Pythons.
func (in *installation) pythonArchives() string { return filepath.Join(in.cache, "python") }

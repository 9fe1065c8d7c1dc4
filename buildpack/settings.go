package buildpack

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Settings are the app's config vars by name. Heroku hands them over as files in ENV_DIR, since most must not get into
// the environment of a build.
type Settings map[string]string

// ReadSettings reads ENV_DIR. One that does not exist has no settings.
func ReadSettings(dir string) (Settings, error) {
	settings := Settings{}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return settings, nil
	} else if err != nil {
		return nil, fmt.Errorf("reading the config vars: %w", err)
	}
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the config var %s: %w", e.Name(), err)
		}
		settings[e.Name()] = strings.TrimSuffix(string(text), "\n")
	}
	return settings, nil
}

var (
	// networkNames and networkPrefixes are the settings that uv, pip and their TLS need to reach an index: all that gets
	// into the environment of a build. Go's are passed on by toolchain.sh, before this program exists.
	networkPrefixes = []string{"UV_", "PIP_"}
	networkNames    = []string{
		"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CLIENT_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC",
	}
	// ownNames are decided by the build: they are about directories on the machine that builds.
	ownNames = []string{
		"UV_CACHE_DIR", "UV_PYTHON_CACHE_DIR", "UV_PYTHON_INSTALL_DIR", "UV_PYTHON_BIN_DIR", "UV_PYTHON_INSTALL_BIN",
		"UV_TOOL_DIR", "UV_TOOL_BIN_DIR", "UV_CREDENTIALS_DIR", "UV_NO_CACHE", "UV_LINK_MODE", "UV_OFFLINE", "UV_ENV_FILE", "PIP_CACHE_DIR",
	}
)

// concernsNetwork says whether a setting may get into the environment of uv and pip.
func concernsNetwork(name string) bool {
	if slices.Contains(ownNames, name) {
		return false
	}
	return slices.Contains(networkNames, name) ||
		slices.ContainsFunc(networkPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// environ is the environment of the build with the settings for the network on top, where the last of two counts.
func (s Settings) environ(build []string) []string {
	environ := slices.Clone(build)
	for name, value := range s {
		if concernsNetwork(name) && value != "" {
			environ = append(environ, name+"="+value)
		}
	}
	slices.Sort(environ[len(build):])
	return environ
}

// openNames are settings that may be shown.
var openNames = []string{versionSetting, extrasSetting, "MLFLOW_TRACKING_USERNAME", "WEB_CONCURRENCY", "LANG", "TZ"}

// shortestSecret keeps values such as "true" or "3.17.2" out of what is hidden: half of the log would go.
const shortestSecret = 8

// secrets are the values, and the parts of values that are URLs with a login, that must not be printed.
func (s Settings) secrets() []string {
	var secrets []string
	add := func(text string) {
		if len(text) >= shortestSecret {
			secrets = append(secrets, text)
		}
	}
	for name, value := range s {
		if slices.Contains(openNames, name) {
			continue
		}
		for line := range strings.Lines(value) {
			add(strings.TrimSpace(line))
		}
		if _, rest, isURL := strings.Cut(value, "://"); isURL {
			if login, _, ok := strings.Cut(rest, "@"); ok {
				_, password, _ := strings.Cut(login, ":")
				add(password)
				add(login)
			}
		}
	}
	// The longest first, so that no rest of one stays behind a shorter one that it begins with.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(secrets)
}

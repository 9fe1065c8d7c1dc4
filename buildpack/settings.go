package buildpack

import (
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
	// fileNames are those that name a file, which can be one of the app's.
	fileNames = []string{
		"SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CLIENT_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC",
		"PIP_CERT", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "UV_CONFIG_FILE",
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
func (s Settings) environ(app string, build []string) []string {
	environ := slices.Clone(build)
	for name, value := range s {
		if !concernsNetwork(name) || value == "" {
			continue
		}
		if slices.Contains(fileNames, name) {
			var there bool
			if value, there = whileBuilding(app, value); !there {
				continue
			}
		}
		environ = append(environ, name+"="+value)
	}
	slices.Sort(environ[len(build):])
	return environ
}

// slugDir is where Heroku moves the app to when it is built.
const slugDir = "/app/"

// whileBuilding is where a file of a setting lies during the build, and whether it is there. toolchain.sh does the same
// for curl and Go, and tells of what is missing. SSL_CERT_DIR can be a list, which is left as it is.
func whileBuilding(app, file string) (string, bool) {
	if name, ours := strings.CutPrefix(file, slugDir); ours {
		if in := filepath.Join(app, name); exists(in) {
			return in, true
		}
	}
	return file, exists(file) || strings.Contains(file, ":")
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

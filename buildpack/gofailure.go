package buildpack

import (
	"slices"
	"strings"

	"mlflow-server/internal/provision"
)

// buildKey is the key of a failure to build or run a program.
const buildKey = "build"

// goFailure reads what Go said of a build that failed: the disk and the network are told from all else, which what lies in
// Go's caches may cause. why_failed in toolchain.sh is the same.
func goFailure(out string) *Failure {
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(out), "\n"), func(line string) bool {
		return strings.HasPrefix(line, "go: downloading ") // how far it came says nothing
	})
	if len(lines) > 15 {
		lines = lines[len(lines)-15:]
	}
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(out, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("no space left on device", "quota exceeded"):
		return &Failure{Key: string(provision.NoSpace), Headline: "There is no space left to build the launcher.", Lines: lines}
	case has("dial tcp", "no such host", "i/o timeout", "proxyconnect", "connection refused", "reading http", "TLS handshake", "x509:"):
		return &Failure{Key: string(provision.Unreachable), Headline: "A Go module of the launcher could not be fetched.",
			Lines: append(lines, "", "Check the network, HTTPS_PROXY and GOPROXY, then push again.")}
	}
	return &Failure{Key: buildKey, Headline: "The launcher could not be built.", Lines: lines}
}

package provision

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

var (
	//go:embed lock/requirements.in
	lockInputs string
	//go:embed lock/excludes.txt
	lockExcludes string
	//go:embed lock/requirements.txt
	lockRequirements string
	//go:embed lock/uv.txt
	lockUV string
)

// recipe changes whenever the same packages would be laid out otherwise, so that an old runtime is not taken for a new.
const recipe = "2"

var lockHash = sync.OnceValue(func() string { return hashOf(lockRequirements) })

// hashOf names a set of requirements. Comments do not count: they say why a package is there, not which.
func hashOf(requirements ...string) string {
	sum := sha256.New()
	fmt.Fprintln(sum, recipe)
	for _, text := range requirements {
		for line := range strings.Lines(removeComments(text)) {
			if line = strings.TrimSpace(line); line != "" {
				fmt.Fprintln(sum, line)
			}
		}
		fmt.Fprintln(sum)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

var pinned = regexp.MustCompile(`(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)`)

// LockedMLflowVersion is the MLflow version of the embedded lock.
var LockedMLflowVersion = sync.OnceValue(func() string { return versionIn(lockRequirements, "mlflow") })

// versionIn is the version that a compiled requirements file pins a package to, "" when it does not.
func versionIn(requirements, name string) string {
	for _, m := range pinned.FindAllStringSubmatch(requirements, -1) {
		if normalName(m[1]) == name {
			return m[2]
		}
	}
	return ""
}

var separators = regexp.MustCompile(`[-_.]+`)

// normalName is a package's name as the index compares it (PEP 503).
func normalName(name string) string {
	return strings.ToLower(separators.ReplaceAllString(name, "-"))
}

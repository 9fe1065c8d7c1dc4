package buildpack

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// openNames are settings that may be shown.
var openNames = []string{
	versionSetting, extrasSetting, "MLFLOW_TRACKING_USERNAME", "WEB_CONCURRENCY", "LANG", "TZ",
	"GONOPROXY", "GOPRIVATE", "GONOSUMDB", "GOINSECURE", "GOVCS", "NO_PROXY", "no_proxy",
}

// shortestSecret keeps values such as "true" or "3.17.2" out of what is hidden: half of the log would go.
const shortestSecret = 8

var (
	address   = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)([^\s,|/]*@)?([^\s,|/@]*)([^\s,|]*)`)
	separator = regexp.MustCompile(`[\s,|]+`)
)

// secrets are the texts that must not be printed: each line of a value, each word of a list that concerns the network,
// and of each address the login and the path, where a token may be, since programs print addresses without the one or
// with more behind the other. toolchain.sh does the same before this program exists.
func (s Settings) secrets() []string {
	var secrets []string
	add := func(text string) {
		if len(text) >= shortestSecret {
			secrets = append(secrets, text)
		}
	}
	for name, value := range s {
		if slices.Contains(openNames, name) || slices.Contains(fileNames, name) {
			continue
		}
		for line := range strings.Lines(value) {
			add(strings.TrimSpace(line))
		}
		network := concernsNetwork(name) || strings.HasPrefix(name, "GO")
		if network {
			for _, word := range separator.Split(value, -1) {
				add(word)
			}
		}
		if _, rest, isURL := strings.Cut(value, "://"); isURL { // whatever is in the password, a slash or a comma too
			if login, _, ok := strings.Cut(rest, "@"); ok {
				_, password, _ := strings.Cut(login, ":")
				add(password)
				add(login)
			}
		}
		for _, part := range address.FindAllStringSubmatch(value, -1) {
			login := strings.TrimSuffix(part[2], "@")
			_, password, _ := strings.Cut(login, ":")
			add(password)
			add(login)
			if network {
				add(part[0])
				add(strings.TrimSuffix(part[4], "/"))
			}
		}
	}
	// The longest first, so that no rest of one stays behind a shorter one that it begins with.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(secrets)
}

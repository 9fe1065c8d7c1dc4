package provision

import (
	"strconv"
	"strings"
)

// OldestMLflow is the oldest that a server may run: those before have published vulnerabilities that a login in front of
// them does not close.
const OldestMLflow = "3.16.1"

// TooOld says that a version of MLflow is older than OldestMLflow. A release candidate comes before its release.
func TooOld(version string) bool {
	d := compareVersions(version, OldestMLflow)
	return d < 0 || d == 0 && strings.ContainsAny(strings.ReplaceAll(version, ".post", ""), "abrd")
}

// compareVersions compares dotted numbers: "0.9.30" is less than "0.10". What is not a number counts as 0, so that
// "3.14.0rc1" is 3.14.0.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		if d := number(as, i) - number(bs, i); d != 0 {
			return d
		}
	}
	return 0
}

func number(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	digits := parts[i]
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

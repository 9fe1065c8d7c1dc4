package assets

import (
	"net/http"
	"strconv"
	"strings"
)

// accepts says whether a request takes an encoding (RFC 9110, section 12.5.3). Browsers name brotli only where they came
// by https or to this machine.
func accepts(h http.Header, name string) bool {
	wildcard := false
	for _, line := range h.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(line, ",") {
			coding, parameters, _ := strings.Cut(part, ";")
			coding = strings.TrimSpace(coding)
			switch {
			case strings.EqualFold(coding, name):
				return wanted(parameters)
			case coding == "*":
				wildcard = wanted(parameters)
			}
		}
	}
	return wildcard
}

// wanted is false for a weight of 0.
func wanted(parameters string) bool {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return err == nil && q > 0
		}
	}
	return true
}

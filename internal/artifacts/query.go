package artifacts

import (
	"strings"
)

// queryValue is the first value of a name in a query string, as Flask reads it: a ; separates nothing, and a % that
// begins no escape is a %. net/url drops such pairs.
func queryValue(query, name string) (string, bool) {
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key, err := unquote(strings.ReplaceAll(key, "+", " ")); err != nil || key != name {
			continue
		}
		value = strings.ReplaceAll(value, "+", " ")
		if decoded, err := unquote(value); err == nil {
			return decoded, true
		}
		return "\xff", true // no UTF-8, which cleanPath refuses
	}
	return "", false
}

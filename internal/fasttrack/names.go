package fasttrack

import (
	"strings"
	"unicode/utf8"
)

// The limits of mlflow/utils/validation.py. What is longer, MLflow cuts off or refuses.
const (
	maxKey      = 250  // characters of the name of a metric, param or tag
	maxParam    = 6000 // characters of a param's value
	maxTag      = 8000 // characters of a tag's value
	maxMetrics  = 1000 // in a batch
	maxParams   = 100  // in a batch
	maxTags     = 100  // in a batch
	maxEntities = 1000 // in a batch, of all kinds
	maxName     = 250  // characters of a run's name (the column's length)
	maxUser     = 256  // characters of a user's name (the column's length)
)

// runNameTag is the tag that is kept equal to a run's name (mlflow/utils/mlflow_tags.py).
const runNameTag = "mlflow.runName"

// plainName says whether a metric, a param or a tag may have this name. MLflow allows letters of all languages too
// (validate_param_and_metric_name); those are left to it, as Python's idea of a letter is Python's.
func plainName(name string) bool {
	if name == "" || len(name) > maxKey || strings.HasPrefix(name, "..") {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '/', c == '_', c == '.', c == '-', c == ' ', c == ':':
		default:
			return false
		}
	}
	// path_not_unique: as a path, the name must not be another name's.
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// plainRun says whether a text has the form of the ids that MLflow makes (uuid4().hex).
func plainRun(id string) bool {
	if len(id) != 32 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// fits says whether a text has at most so many characters, as Python counts them.
func fits(text string, most int) bool {
	return len(text) <= most || utf8.RuneCountInString(text) <= most
}

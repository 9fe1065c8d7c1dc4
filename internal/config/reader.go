package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxSeconds bounds the waits: a day is longer than anybody means, and far from overflowing a Duration.
const maxSeconds = 24 * 60 * 60

// reader reads single variables and collects what is wrong with them.
type reader struct {
	profile  Profile
	lookup   Lookup
	problems Problems
}

// set is the value of a variable and whether it is set; an empty variable is not.
func (r *reader) set(name string) (string, bool) {
	value, _ := r.lookup(name)
	return value, value != ""
}

// value is the value of a variable, or its default when it is not set.
func (r *reader) value(name string) string {
	if value, ok := r.set(name); ok {
		return value
	}
	return r.profile.defaultOf(name)
}

// reject notes a problem with a variable. The text never holds a secret, nor any part of a URL with a password.
func (r *reader) reject(name, format string, args ...any) {
	r.problems = append(r.problems, Problem{Variable: name, Text: fmt.Sprintf(format, args...)})
}

// number reads a whole number within bounds, both included. ParseUint is used because Atoi takes a sign.
func (r *reader) number(name string, least, most int) int {
	text := r.value(name)
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || int(n) < least || int(n) > most {
		r.reject(name, "%q is not a whole number from %d to %d", text, least, most)
		return 0
	}
	return int(n)
}

func (r *reader) seconds(name string) time.Duration {
	return time.Duration(r.number(name, 0, maxSeconds)) * time.Second
}

// boolean reads true or false and nothing else: "yes" or a misspelt "ture" must not switch a protection off or on.
func (r *reader) boolean(name string) bool {
	switch text := r.value(name); text {
	case "true":
		return true
	case "false":
		return false
	default:
		r.reject(name, "%q is neither true nor false", text)
		return false
	}
}

// oneOf reads one of a few words.
func (r *reader) oneOf(name string, words ...string) string {
	text := r.value(name)
	if !slices.Contains(words, text) {
		r.reject(name, "%q is none of %s", text, strings.Join(words, ", "))
	}
	return text
}

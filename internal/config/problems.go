package config

import "strings"

// Problem is one thing that is wrong with the configuration.
type Problem struct {
	// Variable is the name of the variable to change.
	Variable string
	// Text says what is wrong and what would be right. It holds no secret.
	Text string
}

// Problems is everything that is wrong with a configuration, in the order in which it was found. It is never empty as an error.
type Problems []Problem

// Error is one line for each problem, beginning with the name of the variable.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Variable + ": " + problem.Text
	}
	return strings.Join(lines, "\n")
}

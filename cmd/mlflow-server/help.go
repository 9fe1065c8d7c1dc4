package main

import (
	"fmt"
	"strings"

	"mlflow-server/internal/config"
)

// variablesHelp lists the environment variables by group, for a help text of 80 columns.
func variablesHelp(profile config.Profile) string {
	var b strings.Builder
	group := ""
	for _, v := range config.Variables {
		value := v.Default
		if profile == config.Local {
			if v.LocalDefault == "" {
				continue // as in serve
			}
			value = v.LocalDefault
		}
		if v.Group != group {
			if group != "" {
				b.WriteString("\n")
			}
			group = v.Group
			fmt.Fprintf(&b, "%s\n", group)
		}
		description := v.Description
		if value != "" {
			description += " [" + value + "]"
		}
		fmt.Fprintf(&b, "  %s\n", v.Name)
		for _, line := range wrap(description, 72) {
			fmt.Fprintf(&b, "      %s\n", line)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// wrap breaks text into lines of at most width characters, where a word allows it.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

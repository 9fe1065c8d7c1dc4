package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/config"
	"mlflow-server/internal/terminal"
)

// variablesHelp lists the environment variables by group, for a help text.
func variablesHelp(profile config.Profile) string {
	var b strings.Builder
	variables := slices.Clone(config.Variables)
	for _, v := range config.AlsoHonoured {
		v.Group = "Also honoured"
		variables = append(variables, v)
	}
	group := ""
	for _, v := range variables {
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
		fmt.Fprintf(&b, "      %s\n", description)
	}
	return strings.TrimRight(b.String(), "\n")
}

// helpWidth is what every terminal has.
const helpWidth = 80

func init() {
	// The library's own breaks lines by a width that it does not ask for, and forgets their indent.
	cli.HelpPrinter = func(w io.Writer, templ string, data any) {
		var b strings.Builder
		cli.HelpPrinterCustom(&b, templ, data, nil)
		_, _ = io.WriteString(w, layOut(b.String(), terminal.Of(w)))
	}
}

// heading is a line of the library's templates: COMMANDS: and the like, and the groups of commands and variables.
var heading = regexp.MustCompile(`^(?:[A-Z ]+:|   [A-Z][a-z ]+:?)$`)

// layOut breaks the lines of a help text and paints its headings. What is a list goes on below its second column.
func layOut(text string, look terminal.Look) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n ")
		if heading.MatchString(line) {
			b.WriteString(look.Paint(terminal.Bold, line) + "\n")
			continue
		}
		if utf8.RuneCountInString(line) <= helpWidth {
			b.WriteString(line + "\n")
			continue
		}
		body := strings.TrimLeft(line, " ")
		indent := len(line) - len(body)
		if gap := strings.Index(body, "  "); gap > 0 {
			second := strings.TrimLeft(body[gap:], " ")
			first := line[:len(line)-len(second)]
			b.WriteString(first + strings.TrimLeft(terminal.Wrap(strings.Repeat(" ", len(first))+second, helpWidth, len(first)), " ") + "\n")
			continue
		}
		b.WriteString(terminal.Wrap(line, helpWidth, indent) + "\n")
	}
	return b.String()
}

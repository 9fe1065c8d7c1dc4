package main

import (
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mlflow-server/internal/config"
	"mlflow-server/internal/terminal"
)

func TestHelpFits80ColumnsAndShowsEachVariable(t *testing.T) {
	commands := [][]string{{}, {"token", "new"}}
	for _, c := range newApp(io.Discard, io.Discard).Commands {
		commands = append(commands, []string{c.Name})
	}
	for _, command := range commands {
		var out, complaints strings.Builder
		if code := run(t.Context(), append(append([]string{"mlflow-server"}, command...), "--help"), &out, &complaints); code != 0 || complaints.Len() > 0 {
			t.Errorf("%v: exit code %d, %s", command, code, &complaints)
		}
		for line := range strings.Lines(out.String()) {
			if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > helpWidth {
				t.Errorf("%v: %q", command, line)
			}
		}
		if strings.Contains(out.String(), "\x1b") {
			t.Errorf("%v: coloured, though it goes to no terminal", command)
		}
		if len(command) == 1 && command[0] == "serve" {
			for _, v := range slices.Concat(config.Variables, config.AlsoHonoured) {
				if !strings.Contains(out.String(), "     "+v.Name+"\n") {
					t.Errorf("%s is not in the help", v.Name)
				}
			}
		}
	}
}

func TestHeadingsStandOutOnATerminal(t *testing.T) {
	got := layOut("USAGE:\n   mlflow-server serve\n\n   Address\n     PORT\n", terminal.Look{Colour: true})
	want := "\x1b[1mUSAGE:\x1b[0m\n   mlflow-server serve\n\n\x1b[1m   Address\x1b[0m\n     PORT\n"
	if got != want {
		t.Errorf("%q", got)
	}
}

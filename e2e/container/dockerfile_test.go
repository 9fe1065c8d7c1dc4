package container

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile, such as COPY, with what follows it on one line.
type instruction struct{ name, rest string }

// stage is what follows one FROM.
type stage struct {
	base, name string
	steps      []instruction
}

// parse reads a Dockerfile of the plain kind: instructions, continued lines and comments.
func parse(t *testing.T, file string) (stages []stage) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var joined []string
	open := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rest, continued := strings.CutSuffix(line, `\`)
		if open {
			joined[len(joined)-1] += rest
		} else {
			joined = append(joined, rest)
		}
		open = continued
	}
	for _, line := range joined {
		name, rest, _ := strings.Cut(line, " ")
		i := instruction{name, strings.TrimSpace(rest)}
		if name == "FROM" {
			base, as, _ := strings.Cut(i.rest, " AS ")
			stages = append(stages, stage{base: base, name: as})
			continue
		}
		if len(stages) == 0 {
			t.Fatalf("%s comes before FROM", line)
		}
		last := &stages[len(stages)-1]
		last.steps = append(last.steps, i)
	}
	return stages
}

// words is the JSON list that an instruction has in place of a shell command.
func words(t *testing.T, text string) (list []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("%s is not a list: %v", text, err)
	}
	return list
}

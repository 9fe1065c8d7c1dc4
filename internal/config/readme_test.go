package config

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const readme = "../../README.md"

// tables are the README's lists of variables, by the mark that each begins with; all end alike.
var tables = map[string]func() string{
	"<!-- variables: made from internal/config/variables.go; UPDATE_GOLDEN=true go test ./internal/config -->\n": func() string {
		return table(Variables, "| Variable | Meaning | Default | `local` |\n| - | - | - | - |\n", true)
	},
	"<!-- also honoured: made from internal/config/alsohonoured.go; UPDATE_GOLDEN=true go test ./internal/config -->\n": func() string {
		return table(AlsoHonoured, "| Variable | Meaning | Default |\n| - | - | - |\n", false)
	},
}

const tableEnd = "<!-- end of variables -->\n"

func table(variables []Variable, head string, local bool) string {
	var b strings.Builder
	b.WriteString(head)
	code := func(s string) string {
		if s == "" {
			return ""
		}
		return "`" + s + "`"
	}
	for _, v := range variables {
		fmt.Fprintf(&b, "| `%s` | %s | %s |", v.Name, strings.ReplaceAll(v.Description, "|", `\|`), code(v.Default))
		if local {
			fmt.Fprintf(&b, " %s |", code(v.LocalDefault))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestTheReadmeListsEveryVariable(t *testing.T) {
	for mark, want := range tables {
		text, err := os.ReadFile(readme)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, found := strings.Cut(string(text), mark)
		listed, after, ended := strings.Cut(rest, tableEnd)
		if !found || !ended {
			t.Fatalf("%s lacks the marks %q and %q", readme, mark, tableEnd)
		}
		if listed == want() {
			continue
		}
		if os.Getenv("UPDATE_GOLDEN") != "true" {
			t.Fatalf("the table in %s after %s is not the one of the source; set UPDATE_GOLDEN=true to renew it", readme, mark)
		}
		if err := os.WriteFile(readme, []byte(before+mark+want()+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

package buildpack

import (
	"strings"
	"unicode/utf8"
)

// blockWidth is how much of a line of 80 columns a red block leaves for text.
const blockWidth = 73

// wrapped breaks each text that is this program's own between words, so that it fits a terminal. A line that is indented is
// a command, to be copied in one piece. What another program said is not for this: it is shown as it came.
func wrapped(texts ...string) []string {
	var lines []string
	for _, text := range texts {
		if text == "" || text[0] == ' ' {
			lines = append(lines, text)
			continue
		}
		line := ""
		for word := range strings.FieldsSeq(text) {
			if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > blockWidth {
				lines = append(lines, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	}
	return lines
}

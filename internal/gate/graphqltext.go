package gate

// tokens counts the tokens of a GraphQL text: names, strings and signs, without comments. A number may count for several.
func tokens(text string) (n int) {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',':
			i++
		case c == '#':
			for i < len(text) && text[i] != '\n' && text[i] != '\r' {
				i++
			}
		case c == '"':
			n++
			i = afterString(text, i)
		case inName(c):
			n++
			for i < len(text) && inName(text[i]) {
				i++
			}
		default:
			n++
			i++
		}
	}
	return n
}

func inName(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// afterString is where a string ends that begins at i: at its quote, which a line of its own or a backslash does not hide.
func afterString(text string, i int) int {
	quote, lines := `"`, false
	if len(text) >= i+3 && text[i:i+3] == `"""` {
		quote, lines = `"""`, true
	}
	for i += len(quote); i < len(text); i++ {
		switch {
		case lines && len(text) >= i+4 && text[i:i+4] == `\"""`:
			i += 3
		case !lines && (text[i] == '\n' || text[i] == '\r'):
			return i
		case !lines && text[i] == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
		case len(text) >= i+len(quote) && text[i:i+len(quote)] == quote:
			return i + len(quote)
		}
	}
	return len(text)
}

package fasttrack

import (
	"strconv"
	"strings"
)

// object is a JSON object whose members are in order and may come twice.
type object []field

// field has its value as JSON text.
type field struct{ name, value string }

func (o object) text(space string) string {
	var b strings.Builder
	b.WriteString("{")
	for i, f := range o {
		if i > 0 {
			b.WriteString("," + space)
		}
		b.WriteString(quote(f.name) + ":" + space + f.value)
	}
	b.WriteString("}")
	return b.String()
}

// quote writes a string with all that is not plain escaped but for letters of other languages, which clients send as they
// are.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < ' ':
			b.WriteString(`\u00`)
			if c < 16 {
				b.WriteByte('0')
			}
			b.WriteString(strconv.FormatInt(int64(c), 16))
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// disturb changes a message in a way that careless programs do.
func (g *generator) disturb(o object) object {
	o = append(object(nil), o...)
	i := g.IntN(len(o))
	switch g.IntN(9) {
	case 0:
		return append(o[:i], o[i+1:]...)
	case 1:
		o[i].value = "null"
	case 2:
		return append(o, field{"unknown", g.one("1", `"x"`, "{}", "null")})
	case 3:
		return append(o, o[i]) // again, with the same value
	case 4:
		return append(o, field{o[i].name, g.one(`"x"`, "1", "null")})
	case 5:
		o[i].name = camel(o[i].name)
	case 6:
		return append(o, field{camel(o[i].name), o[i].value})
	case 7:
		o[i].value = g.one("1", `"x"`, "[]", "{}", "true", `["a"]`)
	default:
		return append(o, field{g.one("model_id", "dataset_name", "dataset_digest", "Key", "VALUE"), g.one(`"m-1"`, `""`, "null")})
	}
	return o
}

// camel is protobuf's second name of a field.
func camel(name string) string {
	parts := strings.Split(name, "_")
	for i, p := range parts[1:] {
		parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
	}
	return strings.Join(parts, "")
}

// spoil changes the text of a body.
func (g *generator) spoil(body string) string {
	switch g.IntN(9) {
	case 0:
		return body[:g.IntN(len(body))]
	case 1:
		return body + g.one("x", "}", " ", "\n", "\x00", "{}")
	case 2:
		return "\ufeff" + body
	case 3:
		return quote(body) // encoded twice, as old clients do
	case 4:
		return "[" + body + "]"
	case 5:
		return g.one("", "null", "[]", "7", `""`, "{}")
	case 6:
		return strings.Replace(body, ":", g.one(": ", ":\t", ":\v", ":\u00a0"), 1)
	case 7:
		return strings.Replace(body, `"`, `'`, 2)
	default:
		return strings.Replace(body, "}", ",}", 1)
	}
}

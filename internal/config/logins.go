package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"mlflow-server/internal/users"
)

const (
	usernameVariable = "MLFLOW_TRACKING_USERNAME"
	passwordVariable = "MLFLOW_TRACKING_PASSWORD"
)

// User is one who may come in.
type User struct {
	// Name holds no colon and no control character.
	Name string
	// Password is a plain text or a bcrypt hash ($2a$, $2b$ or $2y$).
	Password Secret
}

var bcryptLike = regexp.MustCompile(`^\$2[a-z]?\$`)

// logins reads who may come in. Problems name users by their position only: two variables are easily mixed up, and then
// a user name is a password.
func (r *reader) logins(host, dyno string) (found []User, defaultLogin bool) {
	allowDefault := r.boolean(allowDefaultVariable)
	names, passwords := splitList(r.value(usernameVariable)), splitList(r.value(passwordVariable))
	r.checkNames(names)
	r.checkPasswords(passwords)
	if len(names) != len(passwords) {
		r.reject(passwordVariable, "%s for %s in %s; both are lists separated by commas, a comma inside is written \\,",
			count(len(passwords), "password"), count(len(names), "user"), usernameVariable)
		return nil, false
	}
	for i, name := range names {
		found = append(found, User{Name: name, Password: Secret(passwords[i])})
		defaultLogin = defaultLogin || passwords[i] == r.profile.defaultOf(passwordVariable)
	}
	if !allowDefault && reachable(host) && (defaultLogin || r.hashesTheDefault(found)) {
		fix := passwordVariable + `="$(openssl rand -hex 16)"`
		if dyno != "" {
			fix = "heroku config:set " + fix
		}
		r.rejectDefault(passwordVariable, host, "set another ("+fix+")")
	}
	return found, defaultLogin
}

func (r *reader) checkNames(names []string) {
	first := make(map[string]int, len(names))
	for i, name := range names {
		switch earlier, seen := first[name]; {
		case name == "":
			r.reject(usernameVariable, "user %d has no name", i+1)
		case seen:
			r.reject(usernameVariable, "user %d has the same name as user %d", i+1, earlier)
		case strings.Contains(name, ":"):
			// HTTP Basic ends the name at the first colon (RFC 7617, section 2).
			r.reject(usernameVariable, "the name of user %d holds a colon, which HTTP Basic does not allow", i+1)
		case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
			r.reject(usernameVariable, "the name of user %d holds a control character or is not UTF-8", i+1)
		}
		if _, seen := first[name]; !seen {
			first[name] = i + 1
		}
	}
}

func (r *reader) checkPasswords(passwords []string) {
	for i, password := range passwords {
		switch {
		case password == "":
			r.reject(passwordVariable, "password %d is empty", i+1)
		case bcryptLike.MatchString(password) && !users.IsHash(password):
			r.reject(passwordVariable, "password %d looks like a bcrypt hash but is none: $2a$, $2b$ or $2y$, a cost from 04 "+
				"to 16, $ and 53 characters (put it in single quotes: a $ is expanded in double ones)", i+1)
		case strings.ContainsFunc(password, unicode.IsControl):
			// Nobody can type it, and HTTP Basic does not allow it (RFC 7617, section 2).
			r.reject(passwordVariable, "password %d holds a line break or another control character, perhaps the end of a line of the "+
				"file that it came from", i+1)
		case users.IsHash(password):
			if err := users.CheckCost(password); err != nil {
				r.reject(passwordVariable, "password %d: %v", i+1, err)
			}
		}
	}
}

// splitList splits at commas and trims nothing; a backslash takes the meaning from a comma that follows and is an
// ordinary character anywhere else.
func splitList(list string) []string {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(list); i++ {
		switch {
		case strings.HasPrefix(list[i:], `\,`):
			part.WriteByte(',')
			i++
		case list[i] == ',':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(list[i])
		}
	}
	return append(parts, part.String())
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

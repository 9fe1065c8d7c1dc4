package config

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mlflow-server/internal/users"
)

const (
	usersFileVariable = "MLFLOW_USERS_FILE"
	viewersVariable   = "MLFLOW_VIEWERS"
	tokensVariable    = "MLFLOW_TOKENS"
)

// users reads who may come in: from a file, or from the two lists. Both would be two answers to one question.
func (r *reader) users(host, dyno string) (found []User, file string, defaultLogin bool) {
	file, ok := r.set(usersFileVariable)
	if !ok {
		found, defaultLogin = r.logins(host, dyno)
		return found, "", defaultLogin
	}
	for _, name := range []string{usernameVariable, passwordVariable} {
		if _, given := r.set(name); given {
			r.reject(usersFileVariable, "%s is set too; users come from one of them", name)
		}
	}
	allowDefault := r.boolean(allowDefaultVariable)
	file = r.absolute(usersFileVariable, file)
	credentials, err := users.ReadFile(file)
	if err != nil {
		r.reject(usersFileVariable, "%s cannot be used: %v", filepath.Base(file), err)
		return nil, file, false
	}
	for _, c := range credentials {
		found = append(found, User{Name: c.Name, Password: Secret(c.Password)})
	}
	if !allowDefault && reachable(host) && r.hashesTheDefault(found) {
		r.rejectDefault(usersFileVariable, host, "give its user another in "+filepath.Base(file)+" (mlflow-server hash-password)")
	}
	return found, file, false
}

// viewers reads who may only read. Problems name them by their position, as all users.
func (r *reader) viewers(among []User) []string {
	list, ok := r.set(viewersVariable)
	if !ok {
		return nil
	}
	names := splitList(list)
	for i, name := range names {
		if len(among) > 0 && !known(among, name) {
			r.reject(viewersVariable, "viewer %d is no user", i+1)
		}
	}
	return names
}

// tokens reads what stands for passwords.
func (r *reader) tokens(among []User) []users.TokenHash {
	list, ok := r.set(tokensVariable)
	if !ok {
		return nil
	}
	var found []users.TokenHash
	ids := map[string]int{}
	for i, entry := range splitList(list) {
		user, text, _ := strings.Cut(entry, ":")
		token, err := users.ParseTokenHash(user, text)
		switch {
		case err != nil:
			r.reject(tokensVariable, "token %d is not of the form user:ID.HASH that \"mlflow-server token new\" prints", i+1)
		case len(among) > 0 && !known(among, user):
			r.reject(tokensVariable, "token %d belongs to nobody: there is no such user", i+1)
		case ids[token.ID] > 0:
			r.reject(tokensVariable, "token %d has the same ID as token %d", i+1, ids[token.ID])
		default:
			ids[token.ID] = i + 1
			found = append(found, token)
		}
	}
	return found
}

func known(among []User, name string) bool {
	return slices.ContainsFunc(among, func(u User) bool { return u.Name == name })
}

// leastSecret is the shortest secret that is taken, in characters: enough for 128 random bits in hexadecimal.
const leastSecret = 32

// session reads what signs sessions and how long they last.
func (r *reader) session() (Secret, time.Duration) {
	const variable = "MLFLOW_SESSION_SECRET"
	secret, given := r.set(variable)
	if given && len(secret) < leastSecret {
		r.reject(variable, "it has %d characters and needs at least %d (openssl rand -hex 32)", len(secret), leastSecret)
	}
	if given && slices.Contains(splitList(r.value(passwordVariable)), secret) {
		r.reject(variable, "it is also a password in %s; whoever knows that could sign sessions of anybody", passwordVariable)
	}
	return Secret(secret), time.Duration(r.number("MLFLOW_SESSION_HOURS", 1, 8760)) * time.Hour
}

// ClosedRoutes are the parts of MLflow that are closed unless they are opened.
var ClosedRoutes = []string{"assistant", "gateway", "jobs", "users", "webhooks", "unknown"}

// openRoutes reads which of them to open. The jobs' routes are open where jobs run.
func (r *reader) openRoutes() []string {
	const variable = "MLFLOW_OPEN_ROUTES"
	var open []string
	if list, ok := r.set(variable); ok {
		for i, word := range splitList(list) {
			if !slices.Contains(ClosedRoutes, word) {
				r.reject(variable, "entry %d, %q, is none of %s", i+1, word, strings.Join(ClosedRoutes, ", "))
				continue
			}
			open = append(open, word)
		}
	}
	if jobs, _ := r.set("MLFLOW_SERVER_ENABLE_JOB_EXECUTION"); strings.EqualFold(jobs, "true") && !slices.Contains(open, "jobs") {
		open = append(open, "jobs")
	}
	return open
}

// Stdout is the value of AuditLog for standard output.
const Stdout = "stdout"

func (r *reader) auditLog() string {
	const variable = "MLFLOW_AUDIT_LOG"
	switch where := r.value(variable); where {
	case "off":
		return ""
	case Stdout:
		return Stdout
	default:
		file := r.absolute(variable, where)
		r.mustAllowDirectory(variable, filepath.Dir(file))
		return file
	}
}
